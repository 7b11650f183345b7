package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The rules of waking devices, pure ({@code docs/protocol.md}, section 7.12): until when it is tried, and when again. As with
 * {@link WebhookSchedule}, whoever is about to make an attempt first moves its time to when somebody else may take over.
 *
 * <p>A device that has read the request, or a request that has ended, is not worth an attempt any more. An attempt that is under way then
 * still has an outcome.
 */
public final class PushSchedule {
    /** How long whoever is about to make an attempt has for it before it counts as dead. */
    public static final Duration CLAIM = Duration.ofSeconds(30);

    /** The longest time that a push service may ask to be left alone for. */
    public static final Duration LONGEST_PAUSE = Duration.ofSeconds(120);

    /** From each failure to the next attempt. After as many failures and one more it is given up. */
    private static final List<Duration> PAUSES =
            List.of(Duration.ofSeconds(2), Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60));

    /** How many attempts there are at most. */
    public static final int ATTEMPTS = PAUSES.size() + 1;

    private PushSchedule() {}

    /** The request, whoever has taken it being about to wake its device. */
    static Request begun(Request request, Instant now) {
        return request.push(new PushState.Due(now.plus(CLAIM), 0));
    }

    /** When the next attempt is due, if one is to come. */
    public static Optional<Instant> dueAt(Request request) {
        return request.open()
                        && request.deliveredAt().isEmpty()
                        && request.push() instanceof PushState.Due(Instant at, var _)
                ? Optional.of(at)
                : Optional.empty();
    }

    /** The request, somebody being about to make the due attempt; empty if none is due now. */
    public static Optional<Request> claimed(Request request, Instant now) {
        return request.push() instanceof PushState.Due(var _, int failures)
                ? dueAt(request)
                        .filter(at -> !at.isAfter(now))
                        .map(_ -> request.push(new PushState.Due(now.plus(CLAIM), failures)))
                : Optional.empty();
    }

    /** The request, nothing more being attempted: {@code outcome} is not a {@link PushState.Due}. */
    public static Request over(Request request, PushState outcome) {
        return request.push() instanceof PushState.Due ? request.push(outcome) : request;
    }

    /** The request, an attempt at which cannot be made for so long, or a little longer: it counts as none. */
    public static Request postponed(Request request, Duration pause, Instant now) {
        return request.push() instanceof PushState.Due(var _, int failures)
                ? request.push(new PushState.Due(now.plus(atMost(longer(pause, PAUSES.getFirst()))), failures))
                : request;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Duration atMost(Duration asked) {
        return asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
    }

    /**
     * The request after an attempt that was not taken.
     *
     * @param pause for how long the push service has asked to be left alone, if it has
     */
    public static Request failed(Request request, Optional<Duration> pause, Instant now) {
        if (!(request.push() instanceof PushState.Due(var _, int failures))) {
            return request;
        }
        if (failures >= PAUSES.size()) {
            return request.push(new PushState.Failed());
        }
        Duration own = PAUSES.get(failures);
        Duration wait = pause.filter(asked -> asked.compareTo(own) > 0)
                .map(PushSchedule::atMost)
                .orElse(own);
        return request.push(new PushState.Due(now.plus(wait), failures + 1));
    }
}
