/** What an operator sees of the relay: its health, its metrics, its log. */
@NullMarked
package dev.harp.relay.ops;

import org.jspecify.annotations.NullMarked;
