/** Programs that users run and copy. */
@NullMarked
package io.chasqui.examples;

import org.jspecify.annotations.NullMarked;
