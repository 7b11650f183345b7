package dev.harp.relay;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.http.admin.Check;
import dev.harp.relay.http.api.CallListener;
import dev.harp.relay.http.api.PublicServer;
import dev.harp.relay.log.Event;
import dev.harp.relay.metrics.Metrics;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.WebhookNotice;
import dev.harp.relay.push.PushOutcome;
import dev.harp.relay.service.PushListener;
import dev.harp.relay.service.RequestListener;
import dev.harp.relay.service.Subscriptions;
import dev.harp.relay.service.WebhookListener;
import dev.harp.relay.store.Levels;
import dev.harp.relay.wait.WaitingRoom;
import dev.harp.relay.webhook.WebhookOutcome;
import io.helidon.health.HealthCheck;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Leads what the parts tell, and what they hold, to the metrics: the parts know nothing of metrics, and those nothing of them. */
final class Measured implements RequestListener, CallListener, WebhookListener, PushListener {
    private static final Logger LOG = System.getLogger(WebhookListener.class.getName());

    private final Metrics metrics;

    Measured(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void submitted() {
        metrics.submitted();
    }

    @Override
    public void delivered(Duration afterSubmission) {
        metrics.delivered(afterSubmission);
    }

    @Override
    public void responded(Duration afterSubmission) {
        metrics.responded(afterSubmission);
    }

    @Override
    public void expired() {
        metrics.expired();
    }

    @Override
    public void cancelled() {
        metrics.cancelled();
    }

    @Override
    public void attempted(WebhookNotice notice, WebhookOutcome outcome) {
        switch (outcome) {
            case WebhookOutcome.Received _ -> metrics.webhook("received");
            case WebhookOutcome.Gone _ -> metrics.webhook("gone");
            case WebhookOutcome.Stopped _ -> {}
            case WebhookOutcome.Failed(String why, var _) -> {
                metrics.webhook("failed");
                Event.of("webhook_failed", "a webhook was not received: " + why)
                        .with("pair_id", notice.key().pair().value())
                        .with("request_id", notice.key().request().toString())
                        .with("state", notice.state())
                        .to(LOG, Level.INFO);
            }
        }
    }

    @Override
    public void attempted(RequestKey request, String service, PushOutcome outcome) {
        switch (outcome) {
            case PushOutcome.Accepted _ -> metrics.push(service, "accepted");
            case PushOutcome.TokenDead _ -> metrics.push(service, "token_dead");
            case PushOutcome.Refused(String why) -> failed(request, service, "refused", why);
            case PushOutcome.NotNow(String why, var _) -> failed(request, service, "not_now", why);
        }
    }

    private void failed(RequestKey request, String service, String outcome, String why) {
        metrics.push(service, outcome);
        Event.of("push_failed", "a wake-up was not taken: " + why)
                .with("pair_id", request.pair().value())
                .with("request_id", request.request().toString())
                .with("provider", service)
                .to(LOG, Level.INFO);
    }

    @Override
    public void ended(Ended call) {
        metrics.called(call.route(), call.method(), call.status(), call.nanos(), call.waited());
    }

    @Override
    public void refused(int status) {
        metrics.refused(status);
    }

    /** From now on, each scrape reads what these hold. */
    void read(
            RelayConfig config,
            CachedLevels levelCache,
            WaitingRoom room,
            Subscriptions streams,
            StoreFactory backend,
            PublicServer server,
            List<HealthCheck> ready) {
        metrics.levels(
                "harp_relay_ready",
                "Whether a check of /ready is up: 1 or 0.",
                "check",
                ready.stream().collect(Collectors.toMap(HealthCheck::name, check -> () -> Check.up(check) ? 1 : 0)));
        metrics.levels(
                "harp_relay_open_requests",
                "Requests that have not ended, by state.",
                "state",
                Map.of(
                        "pending", () -> levelCache.level(Levels::pendingRequests),
                        "delivered", () -> levelCache.level(Levels::deliveredRequests)));
        metrics.level("harp_relay_waiters", "Long polls that wait, and streams of events.", room::waiters);
        metrics.level("harp_relay_streams", "Streams of events that are open.", streams::open);
        metrics.level(
                "harp_relay_waiters_limit",
                "MAX_WAITERS.",
                () -> config.limits().waiters());
        metrics.level("harp_relay_pairings", "Pairings, of any state.", () -> levelCache.level(Levels::pairings));
        metrics.level(
                "harp_relay_pairings_limit",
                "MAX_PAIRINGS.",
                () -> config.capacity().pairings());
        metrics.level("harp_relay_devices", "Devices.", () -> levelCache.level(Levels::devices));
        metrics.level(
                "harp_relay_devices_limit",
                "MAX_DEVICES.",
                () -> config.capacity().devices());
        metrics.level("harp_relay_stored_bytes", "What all records take.", () -> levelCache.level(Levels::bytes));
        metrics.level(
                "harp_relay_stored_limit_bytes",
                "MAX_STORED_BYTES.",
                () -> config.capacity().bytes());
        metrics.level("harp_relay_connections", "Open connections, without the admin port's.", server::connections);
        metrics.level(
                "harp_relay_connections_limit",
                "MAX_CONNECTIONS.",
                () -> config.server().maxConnections());
        metrics.counts(
                "harp_relay_rate_limited_total",
                "Refusals of the rate limits.",
                "scope",
                Map.of("client", backend.calls()::refused, "pair", backend.submissions()::refused));
        metrics.counts(
                "harp_relay_connections_closed_total",
                "Connections closed before their client was done.",
                "reason",
                Map.of("late", server::closedLate, "room", server::closedForRoom));
    }
}
