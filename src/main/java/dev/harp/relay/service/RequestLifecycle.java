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
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.protocol.Transitions;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.wait.ChangeSignal;
import dev.harp.relay.wait.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Where transitions meet the store: the one place that stores what a rule has made of a record, and then tells those who wait.
 *
 * <p>The clock is read within the store's atomic step. So the order of changes is the order of the times by which they were
 * judged, and no one can be told an end that another change, judged by an earlier time, still overtakes. Whoever reads a
 * record reads it through here too: an end that time has brought is stored before it is told.
 */
public final class RequestLifecycle {
    private static final int BATCH = 256;

    private final RelayStore store;
    private final ChangeSignal signal;
    private final ProtocolLimits terms;
    private final InstantSource clock;
    private final RequestListener listener;
    private final List<Delivery> deliveries;

    private record Applied<T>(T before, Transition<T> transition) {}

    /** Applies the terms to what is in the store. */
    public RequestLifecycle(
            RelayStore store,
            ChangeSignal signal,
            ProtocolLimits terms,
            InstantSource clock,
            RequestListener listener,
            List<Delivery> deliveries) {
        this.store = store;
        this.signal = signal;
        this.terms = terms;
        this.clock = clock;
        this.listener = listener;
        this.deliveries = List.copyOf(deliveries);
    }

    /** What becomes of the request; empty if there is none. */
    Optional<Transition<Request>> apply(RequestKey key, RequestEvent event) {
        Optional<StoreResult<Optional<Applied<Request>>>> stored = store.changeRequest(
                key,
                (pairing, request, _) -> request.map(before -> {
                            Transition<Request> transition = Transitions.apply(pairing, before, event, clock.instant());
                            return Change.to(transition.record(), Optional.of(new Applied<>(before, transition)));
                        })
                        .orElseGet(() -> new Change<>(Optional.empty(), Optional.empty())));
        Optional<Applied<Request>> change = stored.flatMap(RequestLifecycle::done);
        change.ifPresent(done -> tell(done.before(), done.transition().record()));
        return change.map(Applied::transition);
    }

    /** A new request was stored. */
    void submitted(Request request) {
        signal.raise(new Topic.OfDevice(request.device()));
        signal.raise(new Topic.OfHistory(request.key().pair()));
        listener.submitted();
        deliveries.forEach(delivery -> delivery.submitted(request));
    }

    /** A device was removed. */
    void removed(DeviceId id) {
        signal.raise(new Topic.OfDevice(id));
    }

    private void tell(Request before, Request after) {
        if (before.deliveredAt().isEmpty()) {
            after.deliveredAt().ifPresent(at -> listener.delivered(age(after, at)));
        }
        if (before.open() && !after.open()) {
            signal.raise(new Topic.OfRequest(after.key()));
            if (after.state() instanceof Request.Cancelled) {
                signal.raise(new Topic.OfDevice(after.device()));
            }
            count(after);
        }
        if (PlatformView.changed(Optional.of(before), after)) {
            signal.raise(new Topic.OfHistory(after.key().pair()));
        }
        if (!before.webhook().equals(after.webhook())) {
            deliveries.forEach(delivery -> delivery.changed(after));
        }
    }

    private void count(Request ended) {
        switch (ended.state()) {
            case Request.Open _ -> {}
            case Request.Responded(var _, Instant at) -> listener.responded(age(ended, at));
            case Request.Expired _ -> listener.expired();
            case Request.Cancelled _ -> listener.cancelled();
        }
    }

    /** The wall clock may have been set back meanwhile. */
    private static Duration age(Request request, Instant at) {
        Duration age = Duration.between(request.createdAt(), at);
        return age.isNegative() ? Duration.ZERO : age;
    }

    /** What becomes of the pairing; empty if there is none; refused if the store has no room for what it would become. */
    Result<Optional<Transition<Pairing>>> apply(PairId id, PairingEvent event) {
        StoreResult<Optional<Applied<Pairing>>> stored = store.changePairing(
                id,
                pairing -> pairing.map(before -> {
                            Transition<Pairing> transition = Transitions.apply(before, event, clock.instant());
                            return Change.to(transition.record(), Optional.of(new Applied<>(before, transition)));
                        })
                        .orElseGet(() -> new Change<>(Optional.empty(), Optional.empty())));
        return switch (stored) {
            case StoreResult.Full<Optional<Applied<Pairing>>> _ -> Result.refused(Refusals.full("pairing"));
            case StoreResult.Done<Optional<Applied<Pairing>>>(Optional<Applied<Pairing>> change) -> {
                change.ifPresent(done -> tell(done.before(), done.transition().record()));
                yield Result.ok(change.map(Applied::transition));
            }
        };
    }

    private void tell(Pairing before, Pairing after) {
        if (before.state().equals(after.state())) {
            return;
        }
        if (after.state() instanceof Pairing.Revoked) {
            store.openRequests(after.id()).forEach(key -> apply(key, new RequestEvent.Tick()));
            after.device().ifPresent(this::keep);
        }
        signal.raise(new Topic.OfPairing(after.id()));
        signal.raise(new Topic.OfHistory(after.id()));
    }

    /** Keeps the device for a while, although it may hold no pairing any more. */
    void keep(DeviceId id) {
        Instant until = clock.instant().plus(ProtocolLimits.FORMER_DEVICE);
        var _ = store.changeDevice(id, device -> new Change<>(device.map(known -> known.keptUntil(until)), id));
    }

    /**
     * Ends and forgets what is due. Returns when nothing is, or when the thread is interrupted.
     *
     * @throws RuntimeException the first that a record has failed with, once all others are settled; at once if the store is out of reach
     */
    public void settle() {
        List<DueRecord> before;
        List<DueRecord> due = List.of();
        Optional<RuntimeException> failure = Optional.empty();
        do {
            before = due;
            due = store.due(clock.instant(), BATCH);
            for (DueRecord each : due) {
                Optional<RuntimeException> failed = attempted(each);
                failure = failure.or(() -> failed);
            }
            // The same once more, although it was settled, is a defect: it must not keep this thread for ever.
        } while (!due.isEmpty()
                && !due.equals(before)
                && !Thread.currentThread().isInterrupted());
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** One record that cannot be read must not keep those behind it from being settled: it would be due before them again and again. */
    private Optional<RuntimeException> attempted(DueRecord due) {
        try {
            settle(due);
            return Optional.empty();
        } catch (RuntimeException e) {
            if (!store.reachable()) {
                throw e;
            }
            return Optional.of(e);
        }
    }

    private void settle(DueRecord due) {
        switch (due) {
            case DueRecord.OfPairing(PairId id) -> settle(id);
            case DueRecord.OfDevice(DeviceId id) -> settle(id);
            case DueRecord.OfRequest(RequestKey key) -> settle(key);
        }
    }

    private void settle(RequestKey key) {
        var _ = apply(key, new RequestEvent.Tick());
        Optional<StoreResult<Optional<Request>>> stored = store.changeRequest(key, (_, request, _) -> {
            Optional<Request> kept = request.filter(
                    known -> known.open() || terms.forgotten(known).isAfter(clock.instant()));
            return new Change<>(kept, kept);
        });
        stored.flatMap(RequestLifecycle::done)
                .ifPresent(request -> deliveries.forEach(delivery -> delivery.settle(request)));
    }

    private void settle(PairId id) {
        var _ = apply(id, new PairingEvent.Tick());
        store.pairing(id).ifPresent(this::finish);
        var _ = store.changePairing(
                id,
                pairing -> new Change<>(
                        pairing.filter(known -> known.state() instanceof Pairing.Pending
                                || terms.due(known).isEmpty()
                                || terms.due(known).get().isAfter(clock.instant())),
                        id));
    }

    /** Goes on with what whoever revoked the pairing, or removed its device, had no time for before the relay ended. */
    private void finish(Pairing pairing) {
        switch (pairing.state()) {
            case Pairing.Revoked _ ->
                store.openRequests(pairing.id()).forEach(key -> apply(key, new RequestEvent.Tick()));
            case Pairing.Active(DeviceId device, var _, var _) -> {
                if (store.device(device).isEmpty()) {
                    var _ = apply(pairing.id(), new PairingEvent.Revoke());
                }
            }
            case Pairing.Pending _, Pairing.Closed _ -> {}
        }
    }

    private void settle(DeviceId id) {
        if (!store.pairingsOf(id).isEmpty()) {
            keep(id);
            return;
        }
        StoreResult<Boolean> forgotten = store.changeDevice(id, device -> {
            Optional<Device> kept = device.filter(known -> known.keptUntil().isAfter(clock.instant()));
            return new Change<>(kept, kept.isEmpty());
        });
        if (done(forgotten)) {
            removed(id);
        }
    }

    private static <R> R done(StoreResult<R> stored) {
        return switch (stored) {
            case StoreResult.Done<R>(R answer) -> answer;
            case StoreResult.Full<R> _ ->
                throw new IllegalStateException("no event but a new record or a joining device takes more room");
        };
    }
}
