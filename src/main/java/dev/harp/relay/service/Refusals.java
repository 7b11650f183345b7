package dev.harp.relay.service;

import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import java.time.Duration;

/** Refusals that do not come from the protocol's transitions. */
public final class Refusals {
    private static final Duration ROOM = Duration.ofSeconds(30);
    private static final Duration OUTAGE = Duration.ofSeconds(2);
    private static final Duration RESTART = Duration.ofSeconds(1);

    private Refusals() {}

    /**
     * No token, an unknown one, or one that does not open this resource, which may or may not exist: one answer for all, so
     * that it tells nothing.
     */
    public static Refusal unauthorized() {
        return Refusal.of(
                ErrorCode.UNAUTHORIZED,
                "This needs the token of the pairing or device that it belongs to, as 'Authorization: Bearer"
                        + " <token>'.");
    }

    /** The operator lets only those open a pairing who have the registration key. */
    public static Refusal unregistered() {
        return Refusal.of(
                ErrorCode.UNAUTHORIZED,
                "Opening a pairing here needs the operator's registration key, as 'Authorization: Bearer <key>'.");
    }

    /** No room for a new record of the kind. */
    public static Refusal full(String what) {
        return Refusal.of(
                ErrorCode.RELAY_FULL,
                "The relay has no room for another " + what + " now; what it has accepted is safe.",
                ROOM);
    }

    /** The store cannot be read or written now. Whether what was asked has been stored is open: asking again is safe. */
    public static Refusal storeUnavailable() {
        return Refusal.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The relay cannot reach its store now; what it has accepted is safe. Ask again.",
                OUTAGE);
    }

    /** A wait cut short because the relay stops. */
    public static Refusal shuttingDown() {
        return Refusal.of(ErrorCode.SHUTTING_DOWN, "The relay is shutting down; ask again.", RESTART);
    }

    /** Too many submissions. */
    public static Refusal rateLimited(String what, int perMinute, Duration wait) {
        return Refusal.of(ErrorCode.RATE_LIMITED, "At most " + perMinute + " " + what + " a minute are allowed.", wait);
    }
}
