/** The store in Redis, for any number of relays that are one: records, list, schedule and sums, the bell between relays, shared rate limits. */
@NullMarked
package dev.harp.relay.store.redis;

import org.jspecify.annotations.NullMarked;
