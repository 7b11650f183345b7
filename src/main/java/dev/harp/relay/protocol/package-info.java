/**
 * The protocol: records, their identifiers, and the rules by which they change. Pure: no clock, no randomness, no input
 * or output, and no dependency on other packages.
 */
@NullMarked
package dev.harp.relay.protocol;

import org.jspecify.annotations.NullMarked;
