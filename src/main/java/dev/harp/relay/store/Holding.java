package dev.harp.relay.store;

/**
 * How much a network or a pairing holds.
 *
 * @param holder the name of a network, as in {@link dev.harp.relay.protocol.Opener}, or the id of a pairing
 * @param amount bytes or a number, more than 0
 */
public record Holding(String holder, long amount) {}
