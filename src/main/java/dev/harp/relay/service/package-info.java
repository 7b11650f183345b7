/**
 * What can be done with the relay: the use cases, and the only callers of the store. Each says who may do it, applies the rules,
 * stores, then tells those who wait.
 */
@NullMarked
package dev.harp.relay.service;

import org.jspecify.annotations.NullMarked;
