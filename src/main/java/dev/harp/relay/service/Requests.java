package dev.harp.relay.service;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.protocol.Callback;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PairingEvent;
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
import dev.harp.relay.store.Seen;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Submits, reads, cancels and responds to requests ({@code docs/protocol.md}, section 7). */
public final class Requests {
    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final LongPoll longPoll;
    private final RateLimit<PairId> limit;
    private final ProtocolLimits limits;
    private final Optional<AddressGuard> callbacks;
    private final Predicate<DeviceId> wakeable;
    private final InstantSource clock;

    /**
     * An accepted submission.
     *
     * @param request the request as it is now
     * @param repeated whether the relay knew it already
     * @param staleUse whether the pairing's use is yet to be noted
     */
    public record Submitted(Request request, boolean repeated, boolean staleUse) {}

    /**
     * The outcome of a submission.
     *
     * @param grant the rate limit of the caller's pairing after the submission; empty if the caller is no platform
     */
    public record Outcome(Result<Submitted> result, Grant grant) {}

    /**
     * Requests of the store, whose polls wait in the room.
     *
     * @param limit how many requests a pairing may submit
     * @param callbacks checks callback URLs; empty if this relay sends no webhooks
     * @param wakeable whether a device can receive push notifications
     */
    public Requests(
            RelayStore store,
            RequestLifecycle lifecycle,
            WaitingRoom room,
            RateLimit<PairId> limit,
            ProtocolLimits limits,
            Optional<AddressGuard> callbacks,
            Predicate<DeviceId> wakeable,
            InstantSource clock) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.longPoll = new LongPoll(room);
        this.limit = limit;
        this.limits = limits;
        this.callbacks = callbacks;
        this.wakeable = wakeable;
        this.clock = clock;
    }

    /**
     * Accepts a request for the pairing's device. A submission that repeats a known request is a retry.
     *
     * <p>Only what is stored uses up the rate limit: the submission is first tried without storing.
     *
     * @return the request; refused with {@code unauthorized}, {@code not_paired}, {@code pairing_expired},
     *     {@code pair_revoked}, {@code duplicate_request}, {@code stale_request_id}, {@code too_many_open_requests},
     *     {@code rate_limited}, {@code invalid_request}, {@code relay_full}
     */
    public Outcome submit(Caller.Platform caller, Submission submission) {
        PairId own = caller.pair();
        if (!own.equals(submission.key().pair())) {
            return new Outcome(Result.refused(Refusal.UNAUTHORIZED), limit.look(own));
        }
        Optional<Outcome> atOnce = storedAtOnce(caller, submission);
        if (atOnce.isPresent()) {
            return atOnce.get();
        }
        Result<Submitted> trial = trial(submission);
        if (trial instanceof Result.Ok<Submitted>(Submitted taken) && !taken.repeated()) {
            Grant grant = limit.take(own);
            return new Outcome(stored(submission, taken, grant), grant);
        }
        return new Outcome(trial.then(submitted -> repeated(submitted.request())), limit.look(own));
    }

    /**
     * Stores the request in one step, if the store has seen its pairing and nothing else is to be done: no callback to
     * check, no use to note. Empty if it was not stored, for whatever other reason than a limit.
     */
    private Optional<Outcome> storedAtOnce(Caller.Platform caller, Submission submission) {
        Seen seen = caller.start().take();
        Optional<DeviceId> device = seen.pairing().flatMap(Pairing::device);
        if (device.isEmpty() || submission.callback().isPresent()) {
            return Optional.empty();
        }
        Submission whole = device.filter(wakeable).isPresent() ? submission.waking() : submission;
        return store.addRequest(whole.key(), seen, limit.toll(caller.pair()), rule(whole, taken -> !taken.staleUse()))
                .map(added -> {
                    Result<Submitted> result = added.result()
                            .map(stored -> stored.orRefuse(bound -> Refusals.full("request", bound))
                                    .then(Function.identity()))
                            .orElseGet(() -> Result.refused(limited(added.grant())));
                    if (result instanceof Result.Ok<Submitted>(Submitted taken)) {
                        lifecycle.submitted(taken.request(), added.seen());
                    }
                    return new Outcome(result, added.grant());
                });
    }

    /**
     * The submission's result if it were stored. Expired requests do not count as open, even if not yet stored as such.
     */
    private Result<Submitted> trial(Submission submission) {
        Result<Submitted> trial = attempt(submission, false);
        if (!(trial instanceof Result.Refused<Submitted>(Refusal refusal))
                || refusal.code() != ErrorCode.TOO_MANY_OPEN_REQUESTS) {
            return trial;
        }
        lifecycle.updateOpenRequests(submission.key().pair());
        return attempt(submission, false);
    }

    private Result<Submitted> stored(Submission submission, Submitted trial, Grant grant) {
        if (!grant.allowed()) {
            // A concurrent call with the same envelope may have been stored by now. Then this call is a retry.
            Result<Submitted> limited = Result.refused(limited(grant));
            return attempt(submission, false).then(again -> again.repeated() ? repeated(again.request()) : limited);
        }
        // After the rate limit, because it may cost a look-up at somebody else's name server.
        Optional<Refusal> uncallable = submission.callback().flatMap(this::uncallable);
        if (uncallable.isPresent()) {
            return Result.refused(uncallable.get());
        }
        // Before the request, so that the pairing cannot end for want of use when the request has been accepted.
        Optional<Refusal> ended = trial.staleUse()
                ? lifecycle
                        .apply(submission.key().pair(), new PairingEvent.Use())
                        .flatMap(Transition::refusal)
                : Optional.empty();
        if (ended.isPresent()) {
            return Result.refused(ended.get());
        }
        return attempt(wakeable.test(trial.request().device()) ? submission.waking() : submission, true)
                .then(attempt -> {
                    if (attempt.repeated()) {
                        return repeated(attempt.request());
                    }
                    lifecycle.submitted(attempt.request(), Seen.NOTHING);
                    return Result.ok(attempt);
                });
    }

    /**
     * Why the relay could never call the callback: to accept the request would promise webhooks that cannot be sent. A
     * name that was not looked up in time is no reason, since each attempt looks it up again.
     */
    private Optional<Refusal> uncallable(Callback callback) {
        if (callbacks.isEmpty()) {
            return Optional.of(Refusal.of(
                    ErrorCode.INVALID_REQUEST,
                    "callback_url cannot be used: this relay sends no webhooks. Leave it out, and poll GET"
                            + " /v1/requests/{request_id}?wait=."));
        }
        return callbacks.get().check(callback.url()) instanceof AddressGuard.Blocked(String why)
                ? Optional.of(Refusal.of(ErrorCode.INVALID_REQUEST, "callback_url " + why))
                : Optional.empty();
    }

    private static Refusal limited(Grant grant) {
        return Refusals.rateLimited("new requests of one pairing", grant.perMinute(), grant.retryIn());
    }

    /** Adds the request, if it is new and that holds. */
    private RelayStore.RequestRule<Result<Submitted>> rule(Submission submission, Predicate<Submitted> keep) {
        return (pairing, known, open) -> {
            Instant now = clock.instant();
            Result<Submitted> attempt = Transitions.submit(pairing, known, submission, open, limits, now)
                    .then(request -> Result.ok(new Submitted(request, known.isPresent(), pairing.staleUse(now))));
            return known.isEmpty() && attempt instanceof Result.Ok<Submitted>(Submitted taken) && keep.test(taken)
                    ? Change.to(taken.request(), attempt)
                    : new Change<>(known, attempt);
        };
    }

    private Result<Submitted> attempt(Submission submission, boolean keep) {
        return store.changeRequest(submission.key(), rule(submission, _ -> keep))
                .map(stored -> stored.orRefuse(bound -> Refusals.full("request", bound))
                        .then(Function.identity()))
                .orElseGet(() -> Result.refused(Refusal.UNAUTHORIZED));
    }

    /** Returns the request as it was found, in one step with its pairing. An expiry is stored first. */
    private Result<Submitted> repeated(Request found) {
        if (!found.open()) {
            var _ = lifecycle.apply(found.key(), new RequestEvent.Tick());
        }
        return Result.ok(new Submitted(found, true, false));
    }

    /**
     * Waits for the end of a request.
     *
     * @return the request, ended or as it is after the wait; refused with {@code unauthorized}, {@code relay_full},
     *     {@code shutting_down}
     */
    public Result<Request> await(Caller.Platform caller, RequestId id, Wait wait) {
        RequestKey key = new RequestKey(caller.pair(), id);
        Result<Request> result = longPoll.until(
                new Topic.OfRequest(key),
                wait,
                caller.start(),
                seen -> changed(caller, key, seen, new RequestEvent.Tick()),
                request -> !request.open());
        if (result instanceof Result.Ok<Request>(Request request)) {
            lifecycle.fetched(request);
        }
        return result;
    }

    /** What the request takes of memory until an answer with it is written, in bytes. */
    public static long memory(Request request) {
        return RequestLists.memory(request);
    }

    /** The same of the largest open request. */
    public static long memory(ProtocolLimits limits) {
        return RequestLists.memory(limits.maxCiphertext());
    }

    /** Reads a request as its device; refused with {@code unauthorized}. */
    public Result<Request> read(Caller.Device caller, RequestId id) {
        return changed(caller, id, new RequestEvent.Read());
    }

    /** Cancels a request; refused with {@code unauthorized}, {@code already_decided}. */
    public Result<Request> cancel(Caller.Platform caller, RequestId id) {
        return changed(caller, new RequestKey(caller.pair(), id), caller.start().take(), new RequestEvent.Cancel());
    }

    /**
     * Responds to a request, once; refused with {@code unauthorized}, {@code already_responded},
     * {@code request_expired}, {@code request_cancelled}.
     */
    public Result<Request> respond(Caller.Device caller, RequestId id, Response response) {
        return changed(caller, id, new RequestEvent.Respond(response));
    }

    private Result<Request> changed(Caller.Platform caller, RequestKey key, Seen seen, RequestEvent event) {
        return result(lifecycle.apply(key, seen, event, caller::holds));
    }

    private Result<Request> changed(Caller.Device caller, RequestId id, RequestEvent event) {
        Seen seen = caller.start().take();
        return result(store.requestOf(caller.device(), id, seen)
                .flatMap(known -> lifecycle.apply(known, seen, event, _ -> true)));
    }

    private static Result<Request> result(Optional<Transition<Request>> applied) {
        return applied.map(Transition::result).orElseGet(() -> Result.refused(Refusal.UNAUTHORIZED));
    }
}
