/**
 * The use cases of the relay. Each checks the caller, applies the protocol's rules in the store, and then signals the
 * calls that wait.
 */
@NullMarked
package dev.harp.relay.service;

import org.jspecify.annotations.NullMarked;
