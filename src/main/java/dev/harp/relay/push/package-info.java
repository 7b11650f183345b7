/**
 * Waking devices: a wake-up carries a constant text and the names of pairing and request, nothing else. What becomes of it changes no state
 * of a request.
 */
@NullMarked
package dev.harp.relay.push;

import org.jspecify.annotations.NullMarked;
