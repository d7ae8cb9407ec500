/** What Chasqui's own modules share. Not API: may change in any release. */
@NullMarked
package io.chasqui.internal;

import org.jspecify.annotations.NullMarked;
