package dev.harp.relay.delivery;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.WebhookNotice;
import dev.harp.relay.protocol.WebhookSchedule;
import dev.harp.relay.protocol.WebhookState;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.webhook.WebhookOutcome;
import dev.harp.relay.webhook.WebhookSender;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Notifies platforms by webhooks. A notice is claimed when its attempt begins, since it may wait long for a place. */
public final class WebhookDelivery extends Delivery {
    private final WebhookSender webhooks;
    private final DeliveryListener listener;

    /** When the claims end that this relay holds for attempts that wait for a place. */
    private final Map<RequestKey, Instant> claims = new ConcurrentHashMap<>();

    /** Delivers what the store holds. */
    public WebhookDelivery(RelayStore store, WebhookSender webhooks, InstantSource clock, DeliveryListener listener) {
        super(store, clock, WebhookSchedule::claimed);
        this.webhooks = webhooks;
        this.listener = listener;
    }

    /** Without a place the notice stays due, and {@link #settle} claims it. */
    @Override
    public void changed(Request stored) {
        WebhookSchedule.due(stored, now()).ifPresent(notice -> {
            var _ = offer(notice);
        });
    }

    @Override
    void attempt(Request claimed) {
        claimed.webhook().flatMap(WebhookState::dueAt).ifPresent(until -> claims.put(claimed.key(), until));
        if (!WebhookSchedule.next(claimed).filter(this::offer).isPresent()) {
            // Due again when the claim lapses: one write for each claim, however long there is no place.
            var _ = claims.remove(claimed.key());
        }
    }

    private boolean offer(WebhookNotice notice) {
        WebhookNotice queued = notice.withoutAnswer();
        return webhooks.offer(queued, () -> run(() -> claim(queued)));
    }

    /** Without effect if the notice is another relay's, or over. */
    private void claim(WebhookNotice queued) {
        Optional<Instant> own = Optional.ofNullable(claims.remove(queued.key()));
        change(queued.key(), (request, now) -> WebhookSchedule.claimed(request, queued, own, now))
                .flatMap(WebhookSchedule::next)
                .ifPresent(this::tell);
    }

    private void tell(WebhookNotice notice) {
        WebhookOutcome outcome = webhooks.tell(notice);
        if (!(outcome instanceof WebhookOutcome.Stopped)) {
            try {
                change(notice.key(), (request, now) -> request.webhook().map(_ -> after(request, notice, outcome, now)))
                        .ifPresent(this::changed);
            } finally {
                listener.attempted(notice, outcome); // also if the store is unavailable
            }
        }
    }

    private static Request after(Request request, WebhookNotice notice, WebhookOutcome outcome, Instant now) {
        return switch (outcome) {
            case WebhookOutcome.Received _ -> WebhookSchedule.over(request, notice, now);
            case WebhookOutcome.Failed(var _, Optional<Duration> pause) ->
                WebhookSchedule.failed(request, notice, pause, now);
            case WebhookOutcome.Gone _ -> WebhookSchedule.abandoned(request);
            case WebhookOutcome.Stopped _ -> request;
        };
    }
}
