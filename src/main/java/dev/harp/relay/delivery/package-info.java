/**
 * Delivery of what becomes of requests to the outside: webhooks to platforms, and push notifications to devices. One
 * mechanism ({@link dev.harp.relay.delivery.Delivery}), two policies.
 */
@NullMarked
package dev.harp.relay.delivery;

import org.jspecify.annotations.NullMarked;
