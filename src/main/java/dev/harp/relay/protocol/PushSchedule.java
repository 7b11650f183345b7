package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The rules of push notifications, pure ({@code docs/protocol.md}, section 7.12): until when they are attempted, and
 * when again. An attempt is claimed as {@link WebhookSchedule} says.
 *
 * <p>If the device has read the request, or the request has ended, no further attempt is due. The outcome of an attempt
 * that is then under way still counts.
 */
public final class PushSchedule {
    /** How long a claim holds: whoever makes the attempt counts as dead afterwards. */
    public static final Duration CLAIM = Duration.ofSeconds(30);

    /** The longest pause that a push service may ask for. */
    public static final Duration LONGEST_PAUSE = Duration.ofSeconds(120);

    private static final Backoff BACKOFF = new Backoff(
            List.of(Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60)),
            LONGEST_PAUSE);

    /** How many attempts there are at most. */
    public static final int ATTEMPTS = BACKOFF.attempts();

    private PushSchedule() {}

    /** The request with its first attempt claimed by the relay that takes the submission. */
    static Request begun(Request request, Instant now) {
        return request.withPush(new PushState.Due(now.plus(CLAIM), 0));
    }

    /** When the next attempt is due; empty if none is to come. */
    public static Optional<Instant> dueAt(Request request) {
        return request.open()
                        && request.deliveredAt().isEmpty()
                        && request.push() instanceof PushState.Due(Instant at, var _)
                ? Optional.of(at)
                : Optional.empty();
    }

    /** The request with the due attempt claimed; empty if none is due. */
    public static Optional<Request> claimed(Request request, Instant now) {
        return request.push() instanceof PushState.Due(var _, int failures)
                ? dueAt(request)
                        .filter(at -> !at.isAfter(now))
                        .map(_ -> request.withPush(new PushState.Due(now.plus(CLAIM), failures)))
                : Optional.empty();
    }

    /** The request after its last attempt: {@code outcome} is not a {@link PushState.Due}. */
    public static Request over(Request request, PushState outcome) {
        return request.push() instanceof PushState.Due ? request.withPush(outcome) : request;
    }

    /** The request when an attempt is not possible for that long: it does not count as a failure. */
    public static Request postponed(Request request, Duration pause, Instant now) {
        return request.push() instanceof PushState.Due(var _, int failures)
                ? BACKOFF.next(0, Optional.of(pause), now)
                        .map(at -> request.withPush(new PushState.Due(at, failures)))
                        .orElse(request)
                : request;
    }

    /**
     * The request after a failed attempt.
     *
     * @param pause the pause that the push service has asked for, if any
     */
    public static Request failed(Request request, Optional<Duration> pause, Instant now) {
        return request.push() instanceof PushState.Due(var _, int failures)
                ? request.withPush(BACKOFF.next(failures, pause, now)
                        .<PushState>map(at -> new PushState.Due(at, failures + 1))
                        .orElseGet(PushState.Failed::new))
                : request;
    }
}
