/**
 * Push notifications to devices. A notification carries a constant title and the ids of pairing and request, nothing
 * else. Its outcome does not change the state of a request.
 */
@NullMarked
package dev.harp.relay.push;

import org.jspecify.annotations.NullMarked;
