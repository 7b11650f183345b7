/** The program {@code harp}: pairs, asks and answers from a terminal. */
@NullMarked
package dev.harp.cli;

import org.jspecify.annotations.NullMarked;
