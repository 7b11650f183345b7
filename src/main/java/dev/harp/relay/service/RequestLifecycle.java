package dev.harp.relay.service;

import dev.harp.relay.delivery.Delivery;
import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.PlatformView;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.protocol.Transitions;
import dev.harp.relay.protocol.WebhookSchedule;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.wait.ChangeSignal;
import dev.harp.relay.wait.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Applies the protocol's transitions to stored records, stores the result, and then notifies: waiting calls, the
 * listener, and the notifiers that call out.
 *
 * <p>The clock is read within the store's atomic step, so changes are ordered by the times at which they were judged.
 * No client can see an end that another change, judged at an earlier time, still overtakes. Reads for clients go
 * through here as well: an expiry is stored before a client sees it.
 */
public final class RequestLifecycle {
    private static final int BATCH = 256;

    private final RelayStore store;
    private final ChangeSignal signal;
    private final ProtocolLimits limits;
    private final InstantSource clock;
    private final RequestListener listener;
    private final List<Delivery> deliveries;
    private final FetchedAnswers fetched;

    private record Applied<T>(T before, Transition<T> transition) {

        static <T> Change<T, Applied<T>> change(T before, Transition<T> transition) {
            return Change.to(transition.record(), new Applied<>(before, transition));
        }
    }

    /**
     * Applies the limits to the records of the store.
     *
     * @param fetchedAnswers of how many answers it is noted that their platforms have fetched them
     */
    public RequestLifecycle(
            RelayStore store,
            ChangeSignal signal,
            ProtocolLimits limits,
            InstantSource clock,
            RequestListener listener,
            List<Delivery> deliveries,
            int fetchedAnswers) {
        this.store = store;
        this.signal = signal;
        this.limits = limits;
        this.clock = clock;
        this.listener = listener;
        this.deliveries = List.copyOf(deliveries);
        this.fetched = new FetchedAnswers(fetchedAnswers);
    }

    /** Applies an event to a request; empty if there is no such request. */
    Optional<Transition<Request>> apply(RequestKey key, RequestEvent event) {
        return apply(key, Seen.NOTHING, event, _ -> true);
    }

    /**
     * Applies an event to a request of a pairing for which that holds; empty if there is no such request.
     *
     * @param seen what the store has read of the request
     */
    Optional<Transition<Request>> apply(RequestKey key, Seen seen, RequestEvent event, Predicate<Pairing> allowed) {
        Optional<Applied<Request>> applied =
                store.changeRequest(key, seen, rule(event, allowed)).flatMap(StoreResult::orElseThrow);
        applied.ifPresent(done -> notifyOf(done.before(), done.transition().record()));
        return applied.map(Applied::transition);
    }

    private RelayStore.RequestRule<Optional<Applied<Request>>> rule(RequestEvent event, Predicate<Pairing> allowed) {
        return (pairing, request, _) -> allowed.test(pairing)
                ? Change.ofStored(
                        request,
                        before -> Applied.change(before, Transitions.apply(pairing, before, event, clock.instant())))
                : new Change<>(request, Optional.empty());
    }

    /**
     * Reads a page of the device's list as it is stored. If the request that was seen is new, it is delivered in the
     * same step.
     *
     * @return empty if the caller has another token now
     */
    Optional<Page> inbox(Caller.Device caller, Seen seen, Optional<Cursor> after, int limit, long maxText) {
        RelayStore.Listed<Optional<Applied<Request>>> listed = store.inbox(
                caller.device(), caller.token(), seen, rule(new RequestEvent.Read(), _ -> true), after, limit, maxText);
        listed.change()
                .flatMap(Function.identity())
                .ifPresent(done -> notifyOf(done.before(), done.transition().record()));
        return listed.page();
    }

    /**
     * Notifies of a request that was stored anew.
     *
     * @param seen what the store has seen of it
     */
    void submitted(Request request, Seen seen) {
        signal.raise(new Topic.OfDevice(request.device()), seen);
        signal.raise(new Topic.OfHistory(request.key().pair()));
        listener.submitted();
        deliveries.forEach(delivery -> delivery.submitted(request));
    }

    /** Notes that the platform has been sent the request with its answer, if it has one. */
    void fetched(Request request) {
        if (request.state() instanceof Request.Responded) {
            fetched.note(request.key(), limits.removalAt(request, clock.instant()));
        }
    }

    /** Removes the requests whose answers were fetched long enough ago. */
    private void removeFetched() {
        for (Optional<RequestKey> next = fetched.due(clock.instant());
                next.isPresent();
                next = fetched.due(clock.instant())) {
            RequestKey key = next.get();
            var _ = store.changeRequest(
                    key,
                    (_, request, _) -> new Change<>(
                            request.filter(known ->
                                    known.open() || WebhookSchedule.next(known).isPresent()),
                            key));
        }
    }

    /** Notifies of a device that was removed, or has another token. */
    void changed(DeviceId id) {
        signal.raise(new Topic.OfDevice(id));
    }

    private void notifyOf(Request before, Request after) {
        if (before.deliveredAt().isEmpty()) {
            after.deliveredAt().ifPresent(at -> listener.delivered(age(after, at)));
        }
        if (before.open() && !after.open()) {
            signal.raise(new Topic.OfRequest(after.key()));
            if (after.state() instanceof Request.Cancelled) {
                signal.raise(new Topic.OfDevice(after.device()));
            }
            if (after.state() instanceof Request.Responded(var _, Instant at)) {
                listener.responded(age(after, at));
            }
            listener.ended(after.stateName());
        }
        if (PlatformView.changed(Optional.of(before), after)) {
            signal.raise(new Topic.OfHistory(after.key().pair()));
        }
        if (!before.webhook().equals(after.webhook())) {
            deliveries.forEach(delivery -> delivery.changed(after));
        }
    }

    /** Not negative, although the wall clock may have been set back. */
    private static Duration age(Request request, Instant at) {
        Duration age = Duration.between(request.createdAt(), at);
        return age.isNegative() ? Duration.ZERO : age;
    }

    /**
     * Applies an event to a pairing; empty if there is no such pairing.
     *
     * @return also refused with {@code relay_full}, if the store has no room for a larger record
     */
    Optional<Transition<Pairing>> apply(PairId id, PairingEvent event) {
        StoreResult<Optional<Applied<Pairing>>> stored = store.changePairing(
                id,
                pairing -> Change.ofStored(
                        pairing, before -> Applied.change(before, Transitions.apply(before, event, clock.instant()))));
        return switch (stored) {
            case StoreResult.Full<Optional<Applied<Pairing>>>(StoreResult.Bound bound) ->
                store.pairing(id)
                        .map(pairing -> new Transition<>(pairing, Optional.of(Refusals.full("pairing", bound))));
            case StoreResult.Done<Optional<Applied<Pairing>>>(Optional<Applied<Pairing>> applied) -> {
                applied.ifPresent(
                        done -> notifyOf(done.before(), done.transition().record()));
                yield applied.map(Applied::transition);
            }
        };
    }

    private void notifyOf(Pairing before, Pairing after) {
        if (!before.token().equals(after.token())) {
            // Calls that wait with the former token end.
            store.openRequests(after.id()).forEach(key -> signal.raise(new Topic.OfRequest(key)));
        } else if (before.state().equals(after.state())) {
            return;
        }
        if (after.state() instanceof Pairing.Revoked) {
            updateOpenRequests(after.id());
            after.device().ifPresent(this::keep);
        }
        signal.raise(new Topic.OfPairing(after.id()));
        signal.raise(new Topic.OfHistory(after.id()));
    }

    /** Ends those of the pairing's open requests whose time is over, or all of them if the pairing is revoked. */
    void updateOpenRequests(PairId id) {
        store.openRequests(id).forEach(key -> apply(key, new RequestEvent.Tick()));
    }

    /** Extends the time for which a device is kept that holds no pairing. */
    void keep(DeviceId id) {
        Instant until = clock.instant().plus(ProtocolLimits.FORMER_DEVICE);
        var _ = store.changeDevice(id, device -> new Change<>(device.map(known -> known.keptUntil(until)), id));
    }

    /**
     * Expires and removes what is due. Returns when nothing is due, or when the thread is interrupted.
     *
     * @throws RuntimeException the first failure of a record, once all other records are processed; at once if the
     *     store cannot be reached
     */
    public void processDue() {
        removeFetched();
        List<DueRecord> previous;
        List<DueRecord> due = List.of();
        Optional<RuntimeException> failure = Optional.empty();
        do {
            previous = due;
            due = store.due(clock.instant(), BATCH);
            for (DueRecord each : due) {
                Optional<RuntimeException> failed = tried(each);
                failure = failure.or(() -> failed);
            }
            // The same batch again, although it was processed, is a defect. It must not occupy this thread for ever.
        } while (!due.isEmpty()
                && !due.equals(previous)
                && !Thread.currentThread().isInterrupted());
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** A record that cannot be read must not block those behind it: it would be due before them each time. */
    private Optional<RuntimeException> tried(DueRecord due) {
        try {
            switch (due) {
                case DueRecord.OfPairing(PairId id) -> process(id);
                case DueRecord.OfDevice(DeviceId id) -> process(id);
                case DueRecord.OfRequest(RequestKey key) -> process(key);
            }
            return Optional.empty();
        } catch (RuntimeException e) {
            if (!store.reachable()) {
                throw e;
            }
            return Optional.of(e);
        }
    }

    private void process(RequestKey key) {
        var _ = apply(key, new RequestEvent.Tick());
        store.changeRequest(key, (_, request, _) -> {
                    Optional<Request> kept = request.filter(
                            known -> known.open() || limits.removalAt(known).isAfter(clock.instant()));
                    return new Change<>(kept, kept);
                })
                .flatMap(StoreResult::orElseThrow)
                .ifPresent(request -> deliveries.forEach(delivery -> delivery.settle(request)));
    }

    private void process(PairId id) {
        apply(id, new PairingEvent.Tick(limits.pairingIdle()))
                .map(Transition::record)
                .ifPresent(this::completeRevocation);
        var _ = store.changePairing(id, pairing -> new Change<>(pairing.flatMap(this::kept), id));
    }

    private Optional<Pairing> kept(Pairing pairing) {
        return switch (pairing.state()) {
            case Pairing.Pending _ -> Optional.of(pairing);
            // It was due and goes on: a use was faster, or PAIRING_IDLE is longer now. A copy is scheduled anew.
            case Pairing.Active _ -> Optional.of(pairing.used(pairing.usedAt()));
            case Pairing.Closed _, Pairing.Revoked _ ->
                Optional.of(pairing)
                        .filter(ended -> limits.dueAt(ended)
                                .filter(at -> !at.isAfter(clock.instant()))
                                .isEmpty());
        };
    }

    /** Completes a revocation, or the removal of a device, that was cut short when a relay stopped. */
    private void completeRevocation(Pairing pairing) {
        switch (pairing.state()) {
            case Pairing.Revoked _ -> updateOpenRequests(pairing.id());
            case Pairing.Active(DeviceId device, var _, var _) -> {
                if (store.device(device).isEmpty()) {
                    var _ = apply(pairing.id(), new PairingEvent.Revoke());
                }
            }
            case Pairing.Pending _, Pairing.Closed _ -> {}
        }
    }

    private void process(DeviceId id) {
        List<PairId> pairings = store.pairingsOf(id);
        if (!pairings.isEmpty()) {
            keep(id);
            // Pairings of an earlier version, or stored with another PAIRING_IDLE, are due at no time of their own.
            limits.pairingIdle()
                    .ifPresent(idle -> pairings.forEach(pair -> {
                        var _ = apply(pair, new PairingEvent.Tick(Optional.of(idle)));
                    }));
            return;
        }
        boolean removed = store.changeDevice(id, device -> {
                    Optional<Device> kept =
                            device.filter(known -> known.keptUntil().isAfter(clock.instant()));
                    return new Change<>(kept, kept.isEmpty());
                })
                .orElseThrow();
        if (removed) {
            changed(id);
        }
    }

    /** The protocol's limits. */
    ProtocolLimits limits() {
        return limits;
    }
}
