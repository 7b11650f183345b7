/** {@code harp-relay admin}: the operator's acts, through the admin listener of a running relay. */
@NullMarked
package dev.harp.relay.operator;

import org.jspecify.annotations.NullMarked;
