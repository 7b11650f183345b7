package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The protocol's limits, as the operator has set them, and the times that follow from them.
 *
 * @param retention how long an ended record stays readable; not shorter than {@code replayWindow}
 * @param replayWindow how far the time in a request id may differ from the relay's clock, either way
 * @param maxOpenRequests how many requests of one pairing may be open, at least 1
 * @param maxCiphertext the longest ciphertext of a question, in characters
 * @param maxAnswer the longest ciphertext of an answer, in characters; never less than {@value #LEAST_MAX_ANSWER} where
 *     an operator sets it
 * @param pairingIdle how long a joined pairing may be unused, at least a day; empty if for ever
 */
public record ProtocolLimits(
        Duration retention,
        Duration replayWindow,
        int maxOpenRequests,
        int maxCiphertext,
        int maxAnswer,
        Optional<Duration> pairingIdle) {

    /** Limits with which a joined pairing has no end of its own. */
    public ProtocolLimits(
            Duration retention, Duration replayWindow, int maxOpenRequests, int maxCiphertext, int maxAnswer) {
        this(retention, replayWindow, maxOpenRequests, maxCiphertext, maxAnswer, Optional.empty());
    }

    /** What every relay takes as the ciphertext of an answer, in characters. */
    public static final int LEAST_MAX_ANSWER = 16_384;

    /** The longest nonce, in characters. */
    public static final int MAX_NONCE = 256;

    /** The longest signature, in characters. */
    public static final int MAX_SIGNATURE = 1024;

    /** The longest pairing payload, in characters. */
    public static final int MAX_PAYLOAD = 8192;

    /** The longest push token, in characters. */
    public static final int MAX_PUSH_TOKEN = 4096;

    /** The longest callback URL, in characters. */
    public static final int MAX_CALLBACK_URL = 2048;

    /** The shortest callback secret, in characters. */
    public static final int MIN_CALLBACK_SECRET = 16;

    /** The longest callback secret, in characters. */
    public static final int MAX_CALLBACK_SECRET = 256;

    /** The number of wrong secrets that closes a pairing session. */
    public static final int MAX_WRONG_SECRETS = 5;

    /** How long a device that was never paired is kept. */
    public static final Duration UNPAIRED_DEVICE = Duration.ofMinutes(10);

    /** How long, at least, a device is kept that has lost its last pairing. */
    public static final Duration FORMER_DEVICE = Duration.ofDays(1);

    /**
     * How much the clocks of relays that share a store may differ, and how far a clock may be set back, before an id
     * whose request was removed is accepted again.
     */
    static final Duration MAX_CLOCK_DIFFERENCE = Duration.ofSeconds(5);

    /** When the pairing expires, ends for want of use, or is removed; empty if at no known time. */
    public Optional<Instant> dueAt(Pairing pairing) {
        return switch (pairing.state()) {
            case Pairing.Pending _ -> Optional.of(pairing.expiresAt());
            case Pairing.Active _ -> pairingIdle.flatMap(pairing::unusedFor);
            case Pairing.Closed closed -> Optional.of(closed.at().plus(retention));
            case Pairing.Revoked revoked -> Optional.of(revoked.at().plus(retention));
        };
    }

    /** When something is next due for the request: its expiry, a push notification, a webhook, or its removal. */
    public Instant dueAt(Request request) {
        Instant next = request.open() ? request.expiresAt() : removalAt(request);
        return Stream.concat(
                        request.webhook().flatMap(WebhookState::dueAt).stream(), PushSchedule.dueAt(request).stream())
                .reduce(next, (one, other) -> one.isBefore(other) ? one : other);
    }

    /**
     * When a request that has ended is removed. A response that nobody has fetched stays readable until TTL plus
     * retention, whenever it came. Every request is kept until its id is stale by any relay's clock. Otherwise an id
     * from a fast clock could be submitted again after an early removal, and so could any id at a relay whose clock is
     * behind that of the relay that removed it.
     */
    public Instant removalAt(Request request) {
        Instant end = request.state() instanceof Request.Cancelled cancelled ? cancelled.at() : request.expiresAt();
        return staleOr(request, end.plus(retention));
    }

    /** When a request is removed whose answer the platform has fetched, if nothing removes it before. */
    public Instant removalAt(Request request, Instant fetchedAt) {
        return staleOr(request, fetchedAt.plus(retention));
    }

    private Instant staleOr(Request request, Instant readable) {
        Instant stale = request.key().request().time().plus(replayWindow).plus(MAX_CLOCK_DIFFERENCE);
        return stale.isAfter(readable) ? stale : readable;
    }
}
