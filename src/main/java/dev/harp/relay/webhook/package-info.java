/** Webhooks to platforms: their content, their signatures, and the attempts. */
@NullMarked
package dev.harp.relay.webhook;

import org.jspecify.annotations.NullMarked;
