/**
 * Telling platforms what becomes of their requests: what the relay says and signs, and how many it tells at once.
 */
@NullMarked
package dev.harp.relay.webhook;

import org.jspecify.annotations.NullMarked;
