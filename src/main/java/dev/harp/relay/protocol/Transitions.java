package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * All rules of the protocol: how an event changes a pairing or a request ({@code docs/protocol.md}, sections 4 and 7).
 * Pure functions of their arguments, so a store may call them again after a lost race.
 *
 * <p>Every rule first applies the effects of time, and of a revoked pairing, to the record ({@code asOf}). So a record
 * ends at its due time, whenever the relay stores that.
 */
public final class Transitions {
    private static final Duration WAIT_FOR_AN_END = Duration.ofSeconds(5);

    private Transitions() {}

    /** Applies an event to a pairing. */
    public static Transition<Pairing> apply(Pairing pairing, PairingEvent event, Instant now) {
        Pairing current = asOf(pairing, now);
        return switch (event) {
            case PairingEvent.Tick(Optional<Duration> idle) -> Transition.allowed(unlessUnused(current, idle, now));
            case PairingEvent.Use _ -> new Transition<>(used(current, now), ended(current));
            case PairingEvent.Revoke _ -> revoke(current, now);
            case PairingEvent.Rotate rotate -> rotate(current, rotate);
            case PairingEvent.Bind bind ->
                bind.secret().equals(pairing.secret()) ? join(current, bind, now) : wrongSecret(current, now);
        };
    }

    private static Pairing asOf(Pairing pairing, Instant now) {
        return pairing.state() instanceof Pairing.Pending && !now.isBefore(pairing.expiresAt())
                ? pairing.withState(new Pairing.Closed(Pairing.Closed.Why.TIME, pairing.expiresAt()))
                : pairing;
    }

    /** A joined pairing whose last use is not known counts as used now: nothing ends because of an update. */
    private static Pairing unlessUnused(Pairing pairing, Optional<Duration> idle, Instant now) {
        if (idle.isEmpty() || !(pairing.state() instanceof Pairing.Active)) {
            return pairing;
        }
        Optional<Instant> end = pairing.unusedFor(idle.get());
        return end.isEmpty()
                ? pairing.used(Optional.of(now))
                : now.isBefore(end.get()) ? pairing : revoked(pairing, now);
    }

    private static Pairing used(Pairing pairing, Instant now) {
        return pairing.state() instanceof Pairing.Active && pairing.staleUse(now)
                ? pairing.used(Optional.of(now))
                : pairing;
    }

    private static Pairing revoked(Pairing pairing, Instant now) {
        return pairing.withState(new Pairing.Revoked(pairing.device(), now)).used(Optional.empty());
    }

    private static Transition<Pairing> join(Pairing pairing, PairingEvent.Bind bind, Instant now) {
        return switch (pairing.state()) {
            case Pairing.Pending _ ->
                Transition.allowed(pairing.withState(new Pairing.Active(bind.device(), bind.payload(), now))
                        .used(Optional.of(now)));
            case Pairing.Active(DeviceId device, Optional<String> payload, var _) ->
                device.equals(bind.device()) && payload.equals(bind.payload())
                        ? Transition.allowed(pairing)
                        : Transition.refused(
                                pairing,
                                ErrorCode.ALREADY_PAIRED,
                                "A device has already joined this pairing; open a new one.");
            case Pairing.Closed _, Pairing.Revoked _ -> new Transition<>(pairing, ended(pairing));
        };
    }

    /** A device without the secret learns nothing about the pairing, not even whether it exists. */
    private static Transition<Pairing> wrongSecret(Pairing pairing, Instant now) {
        Pairing next = switch (pairing.state()) {
            case Pairing.Pending(int before) ->
                pairing.withState(
                        before + 1 < ProtocolLimits.MAX_WRONG_SECRETS
                                ? new Pairing.Pending(before + 1)
                                : new Pairing.Closed(Pairing.Closed.Why.WRONG_SECRETS, now));
            case Pairing.Active _, Pairing.Closed _, Pairing.Revoked _ -> pairing;
        };
        return new Transition<>(next, Optional.of(wrongSecret()));
    }

    /** The refusal of a wrong secret, also for a pairing that does not exist. */
    public static Refusal wrongSecret() {
        return Refusal.of(
                ErrorCode.WRONG_SECRET, "secret_hash is not that of this pairing; scan the platform's code again.");
    }

    private static Transition<Pairing> revoke(Pairing pairing, Instant now) {
        return switch (pairing.state()) {
            case Pairing.Pending _, Pairing.Active _ -> Transition.allowed(revoked(pairing, now));
            case Pairing.Closed _, Pairing.Revoked _ -> new Transition<>(pairing, ended(pairing));
        };
    }

    /** Of two rotations at once with the same token, the second one finds it replaced. */
    private static Transition<Pairing> rotate(Pairing pairing, PairingEvent.Rotate rotate) {
        if (!pairing.token().equals(rotate.present())) {
            return new Transition<>(pairing, Optional.of(Refusal.UNAUTHORIZED));
        }
        Optional<Refusal> ended = ended(pairing);
        return new Transition<>(ended.isPresent() ? pairing : pairing.withToken(rotate.next()), ended);
    }

    /** Why the pairing has ended, if it has. */
    public static Optional<Refusal> ended(Pairing pairing) {
        return switch (pairing.state()) {
            case Pairing.Pending _, Pairing.Active _ -> Optional.empty();
            case Pairing.Closed(Pairing.Closed.Why why, var _) ->
                Optional.of(Refusal.of(
                        ErrorCode.PAIRING_EXPIRED,
                        switch (why) {
                            case TIME -> "No device joined this pairing in time; open a new one.";
                            case WRONG_SECRETS -> "Five wrong secrets have closed this pairing; open a new one.";
                        }));
            case Pairing.Revoked _ ->
                Optional.of(Refusal.of(ErrorCode.PAIR_REVOKED, "This pairing has been revoked; open a new one."));
        };
    }

    /**
     * Decides on a submission.
     *
     * @param known the stored request with the same key, if any
     * @param open the number of the pairing's open requests
     * @return the known request if the submission repeats it; else a new one, or a refusal
     */
    public static Result<Request> submit(
            Pairing pairing,
            Optional<Request> known,
            Submission submission,
            int open,
            ProtocolLimits limits,
            Instant now) {
        Pairing current = asOf(pairing, now);
        Optional<Refusal> ended = ended(current);
        if (ended.isPresent()) {
            return Result.refused(ended.get());
        }
        if (!(current.state() instanceof Pairing.Active active)) {
            return Result.refused(ErrorCode.NOT_PAIRED, "No device has joined this pairing yet; wait for it first.");
        }
        if (known.isPresent()) {
            return known.get().question().isOf(submission.envelope())
                    ? Result.ok(asOf(known.get(), current, now))
                    : Result.refused(
                            ErrorCode.DUPLICATE_REQUEST,
                            "This request_id has been used for another envelope; choose a new one.");
        }
        Duration distance = Duration.between(submission.key().request().time(), now);
        if (distance.abs().compareTo(limits.replayWindow()) > 0) {
            return Result.refused(ErrorCode.STALE_REQUEST_ID, stale(distance, limits.replayWindow()));
        }
        if (open >= limits.maxOpenRequests()) {
            return Result.refused(Refusal.of(
                    ErrorCode.TOO_MANY_OPEN_REQUESTS,
                    "This pairing has " + open + " open requests; at most " + limits.maxOpenRequests()
                            + " are allowed.",
                    WAIT_FOR_AN_END));
        }
        Request taken = Request.submitted(
                submission.key(), active.device(), submission.envelope(), now, now.plus(submission.ttl()));
        Request waking = submission.wake() ? PushSchedule.begun(taken, now) : taken;
        return Result.ok(waking.withWebhook(submission.callback().map(WebhookState::of)));
    }

    /** The distance is rounded up, so that one just above the limit does not read as the limit. */
    private static String stale(Duration distance, Duration allowed) {
        return "The time in request_id is "
                + distance.abs().plusSeconds(1).minusNanos(1).toSeconds()
                + " s "
                + (distance.isNegative() ? "ahead of" : "behind")
                + " the relay's clock; at most "
                + allowed.toSeconds()
                + " s are allowed. Check the clock, and make a new id.";
    }

    /** Applies an event to a request of the pairing. */
    public static Transition<Request> apply(Pairing pairing, Request request, RequestEvent event, Instant now) {
        Request current = asOf(request, pairing, now);
        Transition<Request> transition = switch (event) {
            case RequestEvent.Tick _ -> Transition.allowed(current);
            case RequestEvent.Read _ -> Transition.allowed(current.open() ? current.delivered(now) : current);
            case RequestEvent.Cancel _ -> cancel(current, now);
            case RequestEvent.Respond(Response answer) -> respond(current, answer, now);
        };
        return new Transition<>(WebhookSchedule.arising(transition.record(), now), transition.refusal());
    }

    private static Request asOf(Request request, Pairing pairing, Instant now) {
        if (!request.open()) {
            return request;
        }
        if (pairing.state() instanceof Pairing.Revoked(var _, Instant at) && at.isBefore(request.expiresAt())) {
            return request.ended(new Request.Cancelled(at));
        }
        return now.isBefore(request.expiresAt()) ? request : request.ended(new Request.Expired());
    }

    private static Transition<Request> cancel(Request request, Instant now) {
        return request.open()
                ? Transition.allowed(request.ended(new Request.Cancelled(now)))
                : Transition.refused(
                        request,
                        ErrorCode.ALREADY_DECIDED,
                        "The request has ended and cannot be cancelled: it is " + request.stateName() + ".");
    }

    private static Transition<Request> respond(Request request, Response answer, Instant now) {
        return switch (request.state()) {
            case Request.Open _ -> Transition.allowed(request.ended(new Request.Responded(answer, now)));
            case Request.Responded(Response given, var _) ->
                given.equals(answer)
                        ? Transition.allowed(request)
                        : Transition.refused(
                                request,
                                ErrorCode.ALREADY_RESPONDED,
                                "The request already has another response; the first one counts.");
            case Request.Expired _ ->
                Transition.refused(
                        request, ErrorCode.REQUEST_EXPIRED, "The request expired before this response came.");
            case Request.Cancelled _ ->
                Transition.refused(
                        request, ErrorCode.REQUEST_CANCELLED, "The request was cancelled before this response came.");
        };
    }
}
