package dev.harp.relay.crash;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A pairing of one platform with one phone.
 *
 * @param payload what the phone sends with its joining
 * @param revoking whether anybody has ever asked for its revocation, whatever came of that
 */
record Pair(String id, String token, Phone phone, String secretHash, String payload, AtomicBoolean revoking) {}
