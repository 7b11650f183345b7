/** The store in Redis, shared by any number of relays: records, change signals between relays, rate limits. */
@NullMarked
package dev.harp.relay.store.redis;

import org.jspecify.annotations.NullMarked;
