package dev.harp.relay.service;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.protocol.Callback;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.protocol.Transitions;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/** Asking, answering, withdrawing ({@code docs/protocol.md}, section 7). */
public final class Requests {
    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final LongPoll waits;
    private final RateLimit<PairId> limit;
    private final ProtocolLimits terms;
    private final Optional<AddressGuard> callbacks;
    private final Predicate<DeviceId> wakeable;
    private final InstantSource clock;

    /**
     * A submission that was accepted.
     *
     * @param request the request as it stands
     * @param repeated whether the relay had it already
     */
    public record Submitted(Request request, boolean repeated) {}

    /**
     * What became of a submission.
     *
     * @param grant the rate limit of the caller's pairing after the submission
     */
    public record Outcome(Result<Submitted> result, Grant grant) {}

    private record Attempt(Request request, boolean repeated) {}

    /**
     * Requests in the store, waited for in the room, submitted within the limit.
     *
     * @param callbacks where platforms may be told; empty if they may not
     * @param wakeable whether a device can be woken
     */
    public Requests(
            RelayStore store,
            RequestLifecycle lifecycle,
            WaitingRoom room,
            RateLimit<PairId> limit,
            ProtocolLimits terms,
            Optional<AddressGuard> callbacks,
            Predicate<DeviceId> wakeable,
            InstantSource clock) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.waits = new LongPoll(room);
        this.limit = limit;
        this.terms = terms;
        this.callbacks = callbacks;
        this.wakeable = wakeable;
        this.clock = clock;
    }

    /**
     * Takes a request for the pairing's device.
     *
     * <p>Only what would really be stored uses up the rate limit: it is first tried without storing.
     *
     * @return the request as {@link Outcome#result}; refused with {@code unauthorized}, {@code not_paired}, {@code pairing_expired}, {@code pair_revoked},
     *     {@code duplicate_request}, {@code stale_request_id}, {@code too_many_open_requests}, {@code rate_limited},
     *     {@code relay_full}
     */
    public Outcome submit(Caller.Platform caller, Submission submission) {
        PairId own = caller.pair();
        Result<Attempt> trial =
                own.equals(submission.key().pair()) ? trial(submission) : Result.refused(Refusals.unauthorized());
        if (trial instanceof Result.Ok<Attempt>(Attempt(Request request, boolean repeated)) && !repeated) {
            Grant grant = limit.take(own);
            return new Outcome(stored(submission, request.device(), grant), grant);
        }
        return new Outcome(trial.then(attempt -> repeated(attempt.request())), limit.look(own));
    }

    /** What would become of the submission. Requests whose time is over do not count as open, even if nobody has noticed yet. */
    private Result<Attempt> trial(Submission submission) {
        Result<Attempt> trial = attempt(submission, false);
        if (refusal(trial)
                .filter(code -> code == ErrorCode.TOO_MANY_OPEN_REQUESTS)
                .isEmpty()) {
            return trial;
        }
        store.openRequests(submission.key().pair()).forEach(key -> lifecycle.apply(key, new RequestEvent.Tick()));
        return attempt(submission, false);
    }

    private Result<Submitted> stored(Submission submission, DeviceId device, Grant grant) {
        if (!grant.allowed()) {
            // Of two calls with the same envelope at the same time, one has perhaps been stored by now: then this is a
            // retry.
            Result<Submitted> limited = Result.refused(
                    Refusals.rateLimited("new requests of one pairing", grant.perMinute(), grant.retryIn()));
            return attempt(submission, false).then(again -> again.repeated() ? repeated(again.request()) : limited);
        }
        // Only now: a name is looked up at somebody else's expense, so it counts.
        Optional<Refusal> uncallable = submission.callback().flatMap(this::uncallable);
        if (uncallable.isPresent()) {
            return Result.refused(uncallable.get());
        }
        return attempt(wakeable.test(device) ? submission.waking() : submission, true)
                .then(attempt -> {
                    if (attempt.repeated()) {
                        return repeated(attempt.request());
                    }
                    lifecycle.submitted(attempt.request());
                    return Result.ok(new Submitted(attempt.request(), false));
                });
    }

    /**
     * Why the callback cannot be honoured; to take the request all the same would be to break a promise. A name that was not looked up in time is
     * no reason: each attempt looks again.
     */
    private Optional<Refusal> uncallable(Callback callback) {
        if (callbacks.isEmpty()) {
            return Optional.of(Refusal.of(
                    ErrorCode.INVALID_REQUEST,
                    "callback_url cannot be used: this relay calls no webhooks. Leave it out, and wait with GET"
                            + " /v1/requests/{request_id}?wait=."));
        }
        return callbacks.get().check(callback.url()) instanceof AddressGuard.Blocked(String why)
                ? Optional.of(Refusal.of(ErrorCode.INVALID_REQUEST, "callback_url " + why))
                : Optional.empty();
    }

    private static Optional<ErrorCode> refusal(Result<?> result) {
        return result instanceof Result.Refused<?>(Refusal refusal) ? Optional.of(refusal.code()) : Optional.empty();
    }

    private Result<Attempt> attempt(Submission submission, boolean keep) {
        Optional<StoreResult<Result<Attempt>>> stored =
                store.changeRequest(submission.key(), (pairing, known, open) -> {
                    Result<Attempt> attempt = Transitions.submit(
                                    pairing, known, submission, open, terms, clock.instant())
                            .then(request -> Result.ok(new Attempt(request, known.isPresent())));
                    return keep && known.isEmpty() && attempt instanceof Result.Ok<Attempt>(Attempt taken)
                            ? Change.to(taken.request(), attempt)
                            : new Change<>(known, attempt);
                });
        return stored.map(outcome -> switch (outcome) {
                    case StoreResult.Done<Result<Attempt>>(Result<Attempt> attempt) -> attempt;
                    case StoreResult.Full<Result<Attempt>> _ -> Result.<Attempt>refused(Refusals.full("request"));
                })
                .orElseGet(() -> Result.refused(Refusals.unauthorized()));
    }

    /** What was found is answered as it was found, in one step with the pairing; an end that time has brought is stored first. */
    private Result<Submitted> repeated(Request found) {
        if (!found.open()) {
            var _ = lifecycle.apply(found.key(), new RequestEvent.Tick());
        }
        return Result.ok(new Submitted(found, true));
    }

    /**
     * Waits for the end of a request.
     *
     * @return the request, as it stands when it has ended or the time is over; refused with {@code unauthorized}
     */
    public Result<Request> await(Caller.Platform caller, RequestId id, Duration wait) {
        RequestKey key = new RequestKey(caller.pair(), id);
        return waits.until(new Topic.OfRequest(key), wait, () -> {
            Result<Request> current = changed(Optional.of(key), new RequestEvent.Tick());
            boolean open = current instanceof Result.Ok<Request>(Request request) && request.open();
            return new LongPoll.View<>(current, !open);
        });
    }

    /** Reads a request as its device; refused with {@code unauthorized}. */
    public Result<Request> read(Caller.Device caller, RequestId id) {
        return changed(store.requestOf(caller.device(), id), new RequestEvent.Read());
    }

    /** Withdraws a request; refused with {@code unauthorized}, {@code already_decided}. */
    public Result<Request> cancel(Caller.Platform caller, RequestId id) {
        return changed(Optional.of(new RequestKey(caller.pair(), id)), new RequestEvent.Cancel());
    }

    /**
     * Answers a request, once; refused with {@code unauthorized}, {@code already_responded}, {@code request_expired},
     * {@code request_cancelled}.
     */
    public Result<Request> respond(Caller.Device caller, RequestId id, Response answer) {
        return changed(store.requestOf(caller.device(), id), new RequestEvent.Respond(answer));
    }

    private Result<Request> changed(Optional<RequestKey> key, RequestEvent event) {
        return key.flatMap(known -> lifecycle.apply(known, event))
                .map(Transition::result)
                .orElseGet(() -> Result.refused(Refusals.unauthorized()));
    }
}
