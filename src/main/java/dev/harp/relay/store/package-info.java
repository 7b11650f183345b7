/**
 * Where the relay keeps its records: {@link dev.harp.relay.store.RelayStore} says what every store must do, the packages below
 * it do it. A store compares and sets, counts and schedules; it decides nothing.
 */
@NullMarked
package dev.harp.relay.store;

import org.jspecify.annotations.NullMarked;
