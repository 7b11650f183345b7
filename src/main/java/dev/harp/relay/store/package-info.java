/**
 * Where the relay keeps its records: {@link dev.harp.relay.store.RelayStore} is the contract, the packages below
 * implement it.
 */
@NullMarked
package dev.harp.relay.store;

import org.jspecify.annotations.NullMarked;
