/** Programs that train models. */
@NullMarked
package io.chasqui.examples.training;

import org.jspecify.annotations.NullMarked;
