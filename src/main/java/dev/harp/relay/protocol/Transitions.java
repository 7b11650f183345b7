package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The rules of the protocol, all of them, once: what becomes of a pairing or a request when something happens to it
 * ({@code docs/protocol.md}, sections 4 and 7). Functions of their arguments and nothing else, so a store may
 * call them again for a lost race.
 *
 * <p>Every rule first looks at what time, and a revoked pairing, have already done to the record ({@code observed}). So
 * it makes no difference when the relay gets round to ending something: from the moment itself on no rule takes it for open.
 */
public final class Transitions {
    private static final Duration WAIT_FOR_AN_END = Duration.ofSeconds(5);

    private Transitions() {}

    /** What becomes of the pairing. */
    public static Transition<Pairing> apply(Pairing pairing, PairingEvent event, Instant now) {
        Pairing observed = observed(pairing, now);
        return switch (event) {
            case PairingEvent.Tick _ -> Transition.allowed(observed);
            case PairingEvent.Revoke _ -> revoke(observed, now);
            case PairingEvent.Bind bind ->
                bind.secret().equals(pairing.secret()) ? join(observed, bind, now) : wrongSecret(observed, now);
        };
    }

    private static Pairing observed(Pairing pairing, Instant now) {
        return pairing.state() instanceof Pairing.Pending && !now.isBefore(pairing.expiresAt())
                ? pairing.in(new Pairing.Closed(Pairing.Closed.Why.TIME, pairing.expiresAt()))
                : pairing;
    }

    private static Transition<Pairing> join(Pairing pairing, PairingEvent.Bind bind, Instant now) {
        return switch (pairing.state()) {
            case Pairing.Pending _ ->
                Transition.allowed(pairing.in(new Pairing.Active(bind.device(), bind.payload(), now)));
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

    /** Who does not know the secret learns nothing of the pairing, not even whether there is one. */
    private static Transition<Pairing> wrongSecret(Pairing pairing, Instant now) {
        Pairing next = switch (pairing.state()) {
            case Pairing.Pending(int before) ->
                pairing.in(
                        before + 1 < ProtocolLimits.MAX_WRONG_SECRETS
                                ? new Pairing.Pending(before + 1)
                                : new Pairing.Closed(Pairing.Closed.Why.WRONG_SECRETS, now));
            case Pairing.Active _, Pairing.Closed _, Pairing.Revoked _ -> pairing;
        };
        return new Transition<>(next, Optional.of(wrongSecret()));
    }

    /** The refusal of a wrong secret, also for a pairing that is not there. */
    public static Refusal wrongSecret() {
        return Refusal.of(
                ErrorCode.WRONG_SECRET, "secret_hash is not that of this pairing; scan the platform's code again.");
    }

    private static Transition<Pairing> revoke(Pairing pairing, Instant now) {
        return switch (pairing.state()) {
            case Pairing.Pending _, Pairing.Active _ ->
                Transition.allowed(pairing.in(new Pairing.Revoked(pairing.device(), now)));
            case Pairing.Closed _, Pairing.Revoked _ -> new Transition<>(pairing, ended(pairing));
        };
    }

    /** Why the pairing is of no use any more, if it is not. */
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
     * Whether the relay takes a request.
     *
     * @param known the request that the relay holds under the same key, if any
     * @param open how many requests of the pairing are open
     * @return the known request if the submission repeats it, else a new one, or a refusal
     */
    public static Result<Request> submit(
            Pairing pairing,
            Optional<Request> known,
            Submission submission,
            int open,
            ProtocolLimits terms,
            Instant now) {
        Pairing observed = observed(pairing, now);
        Optional<Refusal> ended = ended(observed);
        if (ended.isPresent()) {
            return Result.refused(ended.get());
        }
        if (!(observed.state() instanceof Pairing.Active active)) {
            return Result.refused(ErrorCode.NOT_PAIRED, "No device has joined this pairing yet; wait for it first.");
        }
        if (known.isPresent()) {
            return known.get().envelope().equals(submission.envelope())
                    ? Result.ok(observed(known.get(), observed, now))
                    : Result.refused(
                            ErrorCode.DUPLICATE_REQUEST,
                            "This request_id has been used for another envelope; choose a new one.");
        }
        Duration distance = Duration.between(submission.key().request().time(), now);
        if (distance.abs().compareTo(terms.replayWindow()) > 0) {
            return Result.refused(ErrorCode.STALE_REQUEST_ID, stale(distance, terms.replayWindow()));
        }
        if (open >= terms.maxOpenRequests()) {
            return Result.refused(Refusal.of(
                    ErrorCode.TOO_MANY_OPEN_REQUESTS,
                    "This pairing has " + open + " open requests; at most " + terms.maxOpenRequests() + " are allowed.",
                    WAIT_FOR_AN_END));
        }
        Request taken = Request.submitted(
                submission.key(), active.device(), submission.envelope(), now, now.plus(submission.ttl()));
        Request waking = submission.wake() ? PushSchedule.begun(taken, now) : taken;
        return Result.ok(submission.callback().map(waking::calling).orElse(waking));
    }

    /** The distance rounded up, so that what is just too far does not read as what is allowed. */
    private static String stale(Duration distance, Duration allowed) {
        return "The time in request_id is "
                + distance.abs().plusSeconds(1).minusNanos(1).toSeconds()
                + " s "
                + (distance.isNegative() ? "ahead of" : "behind")
                + " the relay's clock; at most "
                + allowed.toSeconds()
                + " s are allowed. Check the clock, and make a new id.";
    }

    /** What becomes of the request, which belongs to the pairing. */
    public static Transition<Request> apply(Pairing pairing, Request request, RequestEvent event, Instant now) {
        Request observed = observed(request, pairing, now);
        Transition<Request> transition = switch (event) {
            case RequestEvent.Tick _ -> Transition.allowed(observed);
            case RequestEvent.Read _ -> Transition.allowed(observed.open() ? observed.delivered(now) : observed);
            case RequestEvent.Cancel _ -> cancel(observed, now);
            case RequestEvent.Respond(Response answer) -> respond(observed, answer, now);
        };
        return new Transition<>(WebhookSchedule.arising(transition.record(), now), transition.refusal());
    }

    private static Request observed(Request request, Pairing pairing, Instant now) {
        if (!request.open()) {
            return request;
        }
        if (pairing.state() instanceof Pairing.Revoked(var _, Instant at) && at.isBefore(request.expiresAt())) {
            return request.in(new Request.Cancelled(at));
        }
        return now.isBefore(request.expiresAt()) ? request : request.in(new Request.Expired());
    }

    private static Transition<Request> cancel(Request request, Instant now) {
        return request.open()
                ? Transition.allowed(request.in(new Request.Cancelled(now)))
                : Transition.refused(
                        request,
                        ErrorCode.ALREADY_DECIDED,
                        "The request is over, and cannot be cancelled: it is " + request.stateName() + ".");
    }

    private static Transition<Request> respond(Request request, Response answer, Instant now) {
        return switch (request.state()) {
            case Request.Open _ -> Transition.allowed(request.in(new Request.Responded(answer, now)));
            case Request.Responded(Response given, var _) ->
                given.equals(answer)
                        ? Transition.allowed(request)
                        : Transition.refused(
                                request,
                                ErrorCode.ALREADY_RESPONDED,
                                "The request already has another response; the first one counts.");
            case Request.Expired _ ->
                Transition.refused(
                        request, ErrorCode.REQUEST_EXPIRED, "The request's time ran out before this response came.");
            case Request.Cancelled _ ->
                Transition.refused(
                        request, ErrorCode.REQUEST_CANCELLED, "The request was withdrawn before this response came.");
        };
    }
}
