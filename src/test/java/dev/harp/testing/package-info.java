/** Helpers of the tests: real servers, raw clients, clocks. */
@NullMarked
package dev.harp.testing;

import org.jspecify.annotations.NullMarked;
