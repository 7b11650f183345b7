package dev.harp.relay.service;

import dev.harp.relay.store.Page;

/**
 * One part of a device's stream.
 *
 * @param page open and cancelled requests; after a reset, every request that is not sent from here to the complete part
 *     has ended
 * @param complete whether the device is now up to date; true once for each stream, and once more after each reset
 */
public record DeviceUpdate(Page page, boolean complete) {}
