/** How often who may call, and who is calling: rate limits, and the client's address. */
@NullMarked
package dev.harp.relay.limit;

import org.jspecify.annotations.NullMarked;
