package dev.harp.relay.protocol;

/**
 * The key of a request. A request id is unique within its pairing only. If it were unique across the relay, a stranger
 * could learn from a refusal that an id exists.
 */
public record RequestKey(PairId pair, RequestId request) {}
