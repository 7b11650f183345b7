package dev.harp.relay.delivery;

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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Notifies devices by push. A request is stored as claimed when it is submitted, so the usual notification costs no
 * write before it is sent, and one for its outcome.
 */
public final class PushDelivery extends Delivery implements AutoCloseable {
    private final RelayStore store;
    private final List<PushSender> senders;
    private final ChangeSignal signal;
    private final DeliveryListener listener;
    private volatile boolean closed;

    /**
     * Delivers what the store holds.
     *
     * @param signal is raised for platforms that follow their requests
     * @param senders makes the senders, which report invalid tokens; they are closed with this
     */
    public PushDelivery(
            RelayStore store,
            Function<InvalidTokenListener, List<PushSender>> senders,
            ChangeSignal signal,
            InstantSource clock,
            DeliveryListener listener) {
        super(store, clock, PushSchedule::claimed);
        this.store = store;
        this.senders = List.copyOf(senders.apply((device, token) -> start(() -> clear(device, token))));
        this.signal = signal;
        this.listener = listener;
    }

    /** Whether the device has given a token that one of the senders can use. */
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
            attempt(stored);
        }
    }

    @Override
    void attempt(Request claimed) {
        start(() -> notify(claimed));
    }

    private void notify(Request claimed) {
        Optional<String> token = token(claimed.device());
        Optional<PushSender> sender = token.flatMap(this::sender);
        if (sender.isEmpty()) {
            var _ = change(
                    claimed.key(), (request, _) -> Optional.of(PushSchedule.over(request, new PushState.None())));
            return;
        }
        PushNotification push = new PushNotification(claimed.key(), claimed.device(), token.get(), claimed.expiresAt());
        String service = sender.get().name();
        if (!sender.get().offer(push, outcome -> start(() -> ended(push, service, outcome)))) {
            refused(push, service, sender.get().pause(push.token()));
        }
    }

    /** During a pause of the provider this counts as no attempt: a request must not be given up without a real one. */
    private void refused(PushNotification push, String service, Duration pause) {
        PushOutcome outcome = new PushOutcome.NotNow("no room, or provider unavailable", Optional.empty());
        if (pause.isPositive()) {
            listener.attempted(push.request(), service, outcome);
            var _ = change(push.request(), (request, now) -> Optional.of(PushSchedule.postponed(request, pause, now)));
        } else {
            ended(push, service, outcome);
        }
    }

    private void ended(PushNotification push, String service, PushOutcome outcome) {
        if (closed && outcome instanceof PushOutcome.NotNow) {
            return;
        }
        try {
            if (outcome instanceof PushOutcome.TokenDead) {
                clear(push.device(), push.token());
            }
            PushOutcome counts = ofCurrentToken(push, outcome);
            var _ = change(push.request(), (request, now) -> Optional.of(after(request, counts, now)));
        } finally {
            listener.attempted(push.request(), service, outcome); // also if the store is unavailable
        }
        signal.raise(new Topic.OfHistory(push.request().pair()));
    }

    /**
     * A final outcome for one token does not apply to a token that the device has given since: that one is tried next.
     */
    private PushOutcome ofCurrentToken(PushNotification push, PushOutcome outcome) {
        boolean ofToken = outcome instanceof PushOutcome.TokenDead || outcome instanceof PushOutcome.Refused;
        return ofToken
                        && token(push.device())
                                .filter(token -> !token.equals(push.token()))
                                .isPresent()
                ? new PushOutcome.NotNow("token replaced", Optional.empty())
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

    /** Clears an invalid token, unless the device has given another one since. */
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
            // The next attempt reports it again.
        }
    }

    private static void start(Runnable work) {
        var _ = Thread.ofVirtual().name("push").start(() -> run(work));
    }

    /** Ends what is under way. It does not count as failed, and is due again when its claim has lapsed. */
    @Override
    public void close() {
        closed = true;
        senders.forEach(PushSender::close);
    }
}
