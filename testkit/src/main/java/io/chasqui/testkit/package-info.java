/** Fakes and contract tests for code that uses or implements Chasqui. */
@NullMarked
package io.chasqui.testkit;

import org.jspecify.annotations.NullMarked;
