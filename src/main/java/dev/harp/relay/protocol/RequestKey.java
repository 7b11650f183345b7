package dev.harp.relay.protocol;

/**
 * Where a request lives. A request id counts within its pairing only: were it unique across the relay, a stranger could
 * learn from a refusal that an id exists.
 *
 * @param pair the pairing
 * @param request the platform's name of the request
 */
public record RequestKey(PairId pair, RequestId request) {}
