package dev.harp.relay.service;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PushSchedule;
import dev.harp.relay.protocol.PushState;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.push.InvalidTokenListener;
import dev.harp.relay.push.PushNotification;
import dev.harp.relay.push.PushOutcome;
import dev.harp.relay.push.PushSender;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.wait.ChangeSignal;
import dev.harp.relay.wait.Topic;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Wakes devices. How far that has come stands in the request's own record ({@link PushSchedule}). Whoever takes a request has it stored as claimed, so
 * the usual wake-up costs no write before it goes out, and one for what came of it; if that relay dies, the claim lapses and another one
 * takes over.
 */
public final class PushNotifier implements Notifier, AutoCloseable {
    private static final Logger LOG = System.getLogger(PushNotifier.class.getName());

    private final RelayStore store;
    private final List<PushSender> senders;
    private final RequestEdits edits;
    private final ChangeSignal signal;
    private final PushListener listener;
    private volatile boolean closed;

    /**
     * Wakes the store's devices.
     *
     * @param signal rings for platforms that follow what becomes of their requests
     * @param senders makes the senders, which tell of dead tokens; they are closed with this
     */
    public PushNotifier(
            RelayStore store,
            Function<InvalidTokenListener, List<PushSender>> senders,
            ChangeSignal signal,
            InstantSource clock,
            PushListener listener) {
        this.store = store;
        this.senders = List.copyOf(senders.apply((device, token) -> aside(() -> clear(device, token))));
        this.edits = new RequestEdits(store, clock);
        this.signal = signal;
        this.listener = listener;
    }

    /** For a relay that wakes nobody: puts off what is due, so that it is left to relays that share the store and wake. */
    public static Notifier postponing(RelayStore store, InstantSource clock) {
        RequestEdits edits = new RequestEdits(store, clock);
        return stored -> {
            if (PushSchedule.claimed(stored, clock.instant()).isPresent()) {
                var _ = edits.edit(
                        stored.key(),
                        (request, now) ->
                                Change.to(PushSchedule.claimed(request, now).orElse(request), now));
            }
        };
    }

    /** Whether the device has given a token by which it can be woken. */
    public boolean reaches(DeviceId id) {
        return token(id).flatMap(this::sender).isPresent();
    }

    private Optional<String> token(DeviceId id) {
        return store.device(id).flatMap(Device::pushToken);
    }

    private Optional<PushSender> sender(String token) {
        return senders.stream().filter(sender -> sender.knows(token)).findFirst();
    }

    @Override
    public void submitted(Request stored) {
        if (PushSchedule.dueAt(stored).isPresent()) {
            aside(() -> wake(stored));
        }
    }

    @Override
    public void settle(Request stored) {
        Optional<Request> claimed = edits.edit(
                        stored.key(),
                        (request, now) -> PushSchedule.claimed(request, now)
                                .map(mine -> Change.to(mine, Optional.of(mine)))
                                .orElseGet(() -> new Change<>(Optional.of(request), Optional.empty())))
                .flatMap(mine -> mine);
        claimed.ifPresent(mine -> aside(() -> wake(mine)));
    }

    private void wake(Request claimed) {
        Optional<String> token = token(claimed.device());
        Optional<PushSender> sender = token.flatMap(this::sender);
        if (sender.isEmpty()) {
            var _ = edits.edit(
                    claimed.key(),
                    (request, _) -> Change.to(PushSchedule.over(request, new PushState.None()), request));
            return;
        }
        PushNotification wake = new PushNotification(claimed.key(), claimed.device(), token.get(), claimed.expiresAt());
        String service = sender.get().name();
        if (!sender.get().offer(wake, outcome -> aside(() -> ended(wake, service, outcome)))) {
            refused(wake, service, sender.get().pause(wake.token()));
        }
    }

    /** While the provider is left alone it counts for nothing: else a request would be given up for attempts that nobody has made. */
    private void refused(PushNotification wake, String service, Duration pause) {
        PushOutcome outcome = new PushOutcome.NotNow("no room, or out of order of late", Optional.empty());
        if (!pause.isPositive()) {
            ended(wake, service, outcome);
            return;
        }
        listener.attempted(wake.request(), service, outcome);
        var _ = edits.edit(
                wake.request(), (request, now) -> Change.to(PushSchedule.postponed(request, pause, now), request));
    }

    private void ended(PushNotification wake, String service, PushOutcome outcome) {
        if (closed && outcome instanceof PushOutcome.NotNow) {
            return;
        }
        listener.attempted(wake.request(), service, outcome);
        if (outcome instanceof PushOutcome.TokenDead) {
            clear(wake.device(), wake.token());
        }
        PushOutcome counts = ofToday(wake, outcome);
        var _ = edits.edit(wake.request(), (request, now) -> Change.to(after(request, counts, now), request));
        signal.raise(new Topic.OfHistory(wake.request().pair()));
    }

    /** What is final about a token says nothing of another one that the device has given since: that one is tried next. */
    private PushOutcome ofToday(PushNotification wake, PushOutcome outcome) {
        boolean about = outcome instanceof PushOutcome.TokenDead || outcome instanceof PushOutcome.Refused;
        return about
                        && token(wake.device())
                                .filter(token -> !token.equals(wake.token()))
                                .isPresent()
                ? new PushOutcome.NotNow("of a former token", Optional.empty())
                : outcome;
    }

    private static Request after(Request request, PushOutcome outcome, Instant now) {
        return switch (outcome) {
            case PushOutcome.Accepted _ -> PushSchedule.over(request, new PushState.Accepted());
            case PushOutcome.TokenDead _ -> PushSchedule.over(request, new PushState.TokenDead());
            case PushOutcome.Refused _ -> PushSchedule.over(request, new PushState.Failed());
            case PushOutcome.NotNow(var _, Optional<Duration> pause) -> PushSchedule.failed(request, pause, now);
        };
    }

    /** Forgets a token that leads nowhere any more, unless the device has given another one since. */
    public void clear(DeviceId id, String token) {
        try {
            var _ = store.changeDevice(
                    id,
                    device -> new Change<>(
                            device.map(known ->
                                    known.pushToken().filter(token::equals).isPresent()
                                            ? known.withPushToken(Optional.empty())
                                            : known),
                            id));
        } catch (StoreUnavailable _) {
            // The next push will say it again.
        }
    }

    /** Ends what is under way: it counts as failed nowhere, and is due again when its claim has lapsed. */
    @Override
    public void close() {
        closed = true;
        senders.forEach(PushSender::close);
    }

    private static void aside(Runnable work) {
        var _ = Thread.ofVirtual().name("push").start(() -> {
            try {
                work.run();
            } catch (StoreUnavailable _) {
                // The claim lapses, and the attempt is due again.
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a wake-up failed inside the relay", e);
            }
        });
    }
}
