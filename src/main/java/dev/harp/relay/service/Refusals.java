package dev.harp.relay.service;

import dev.harp.relay.limit.SharedBound.Outcome;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.store.StoreResult.Bound;
import java.time.Duration;

/** Refusals other than those of the protocol's transitions. */
public final class Refusals {
    private static final Duration ROOM = Duration.ofSeconds(30);
    private static final Duration OUTAGE = Duration.ofSeconds(2);
    private static final Duration RESTART = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(2);

    private Refusals() {}

    /** Only clients with the operator's registration key may open a pairing. */
    public static Refusal unregistered() {
        return Refusal.of(
                ErrorCode.UNAUTHORIZED,
                "Opening a pairing here needs the operator's registration key, as 'Authorization: Bearer <key>'.");
    }

    /** A device without a pairing holds no push token. */
    static Refusal noPairing() {
        return Refusal.of(
                ErrorCode.NOT_PAIRED,
                "A device without a pairing holds no push token: join a pairing first, then send push_token again.");
    }

    /** No room for another record or waiting call of that kind. */
    public static Refusal full(String what) {
        return Refusal.of(
                ErrorCode.RELAY_FULL,
                "The relay has no room for another " + what + " now; what it has accepted is safe.",
                ROOM);
    }

    /** No room for another record of that kind, or for a larger one. */
    static Refusal full(String what, Bound bound) {
        return bound == Bound.WHOLE ? full(what) : shareFull(what);
    }

    /** No memory for what the call would read or be sent. */
    public static Refusal noMemory() {
        return Refusal.of(
                ErrorCode.RELAY_FULL,
                "The relay has no memory for another message of this size from or to the caller's network now; what it"
                        + " has accepted is safe.",
                SOON);
    }

    /** No place to wait, in all or within a share. */
    static Refusal noPlace(String what, Outcome outcome) {
        return outcome == Outcome.SHARE_HELD ? shareFull(what) : full(what);
    }

    /** There may be room, but not for this network or this pairing. */
    static Refusal shareFull(String what) {
        return Refusal.of(
                ErrorCode.RELAY_FULL,
                "The caller's network or pairing holds its share of the relay, which has no room for another " + what
                        + " of it now; what it has accepted is safe. The operator sets the share (NETWORK_SHARE,"
                        + " SHARE_ALLOW).",
                ROOM);
    }

    /** The store cannot be reached. Whether the change was stored is unknown; a retry is safe. */
    public static Refusal storeUnavailable() {
        return Refusal.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The relay cannot reach its store now; what it has accepted is safe. Retry.",
                OUTAGE);
    }

    /** The relay stops, and ends the waiting calls. */
    public static Refusal shuttingDown() {
        return Refusal.of(ErrorCode.SHUTTING_DOWN, "The relay is shutting down; retry.", RESTART);
    }

    /** Too many submissions. */
    public static Refusal rateLimited(String what, int perMinute, Duration wait) {
        return Refusal.of(ErrorCode.RATE_LIMITED, "At most " + perMinute + " " + what + " a minute are allowed.", wait);
    }
}
