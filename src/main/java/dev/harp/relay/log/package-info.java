/** The log: events, one line each, written by a thread of its own. */
@NullMarked
package dev.harp.relay.log;

import org.jspecify.annotations.NullMarked;
