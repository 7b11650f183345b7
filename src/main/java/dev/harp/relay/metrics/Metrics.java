package dev.harp.relay.metrics;

import dev.harp.relay.delivery.DeliveryListener;
import dev.harp.relay.http.api.CallListener;
import dev.harp.relay.log.Event;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.WebhookNotice;
import dev.harp.relay.push.PushOutcome;
import dev.harp.relay.service.RequestListener;
import dev.harp.relay.webhook.WebhookOutcome;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/**
 * The relay's metrics. They listen to its parts, which know nothing of metrics. {@code docs/monitor.md} has the table.
 *
 * <p>Every label value comes from a closed set: states, scopes, path templates, statuses that the relay gives, and
 * known methods. Nothing that a client sends becomes a label, so a client can neither leave a secret in a series nor
 * create series without limit. Levels are read where they are kept, at each scrape.
 */
public final class Metrics implements RequestListener, CallListener, DeliveryListener {
    private static final Logger LOG = System.getLogger(DeliveryListener.class.getName());
    private static final String UNMATCHED = "unmatched";
    private static final String OTHER = "other";
    private static final String ABORTED = "aborted";
    private static final double[] CALL_SECONDS = {
        .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 600
    };
    private static final double[] PERSON_SECONDS = {.1, .5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21600, 86400
    };
    private static final double[] WAKE_SECONDS = {
        .00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .5, 1
    };
    private static final String OPENMETRICS = "application/openmetrics-text";
    private static final String PLAIN = "text/plain";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter submissions;
    private final Counter outcomes;
    private final Counter webhooks;
    private final Counter pushes;
    private final Histogram delivery;
    private final Histogram response;
    private final Histogram wakes;
    private final Counter calls;
    private final Histogram callTimes;

    /** @param version the relay's own */
    public Metrics(String version) {
        Info.builder()
                .name("harp_relay_build_info")
                .help("The version of the relay.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(version);
        JvmMetrics.builder().register(registry);
        submissions = counter("harp_relay_submissions_total", "Requests accepted; a retry does not count.");
        outcomes = counter("harp_relay_outcomes_total", "Requests that have ended, by final state.", "state");
        Stream.of("responded", "expired", "cancelled").forEach(outcomes::initLabelValues);
        webhooks = counter("harp_relay_webhooks_total", "Attempts at webhooks, by outcome.", "outcome");
        Stream.of("received", "failed", "gone").forEach(webhooks::initLabelValues);
        pushes = counter(
                "harp_relay_pushes_total",
                "Attempts at push notifications, by push service and outcome.",
                "service",
                "outcome");
        for (String service : List.of("expo", "webpush")) {
            Stream.of("accepted", "token_dead", "refused", "not_now")
                    .forEach(outcome -> pushes.initLabelValues(service, outcome));
        }
        delivery =
                seconds("harp_relay_delivery_seconds", "From submission to the device's first read.", PERSON_SECONDS);
        response = seconds("harp_relay_response_seconds", "From submission to the device's response.", PERSON_SECONDS);
        wakes = seconds("harp_relay_wake_seconds", "From a signal to the parked long poll running.", WAKE_SECONDS);
        calls = counter(
                "harp_relay_http_requests_total",
                "HTTP responses, by path template, method and status.",
                "route",
                "method",
                "status");
        callTimes = seconds(
                "harp_relay_http_request_seconds",
                "From the end of a request's headers to the end of its response; waited: the call could be parked.",
                CALL_SECONDS,
                "route",
                "method",
                "waited");
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder().name(name).help(help).labelNames(labels).register(registry);
    }

    private Histogram seconds(String name, String help, double[] bounds, String... labels) {
        return Histogram.builder()
                .name(name)
                .help(help)
                .unit(Unit.SECONDS)
                .classicOnly()
                .classicUpperBounds(bounds)
                .labelNames(labels)
                .register(registry);
    }

    /** Adds a level that is read at each scrape. */
    public void level(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call(value.getAsDouble()))
                .register(registry);
    }

    /** Adds levels of one kind, by the values of a label. */
    public void levels(String name, String help, String label, Map<String, DoubleSupplier> values) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(gauge -> values.forEach((key, value) -> gauge.call(value.getAsDouble(), key)))
                .register(registry);
    }

    /** Adds counts that are kept elsewhere, by the values of a label. */
    public void counts(String name, String help, String label, Map<String, DoubleSupplier> values) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(counter -> values.forEach((key, value) -> counter.call(value.getAsDouble(), key)))
                .register(registry);
    }

    @Override
    public void submitted() {
        submissions.inc();
    }

    @Override
    public void delivered(Duration afterSubmission) {
        delivery.observe(seconds(afterSubmission.toNanos()));
    }

    @Override
    public void responded(Duration afterSubmission) {
        response.observe(seconds(afterSubmission.toNanos()));
    }

    @Override
    public void ended(String state) {
        outcomes.labelValues(state).inc();
    }

    @Override
    public void attempted(WebhookNotice notice, WebhookOutcome outcome) {
        switch (outcome) {
            case WebhookOutcome.Received _ -> webhooks.labelValues("received").inc();
            case WebhookOutcome.Gone _ -> webhooks.labelValues("gone").inc();
            case WebhookOutcome.Stopped _ -> {}
            case WebhookOutcome.Failed(String why, var _) -> {
                webhooks.labelValues("failed").inc();
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
            case PushOutcome.Accepted _ ->
                pushes.labelValues(service, "accepted").inc();
            case PushOutcome.TokenDead _ ->
                pushes.labelValues(service, "token_dead").inc();
            case PushOutcome.Refused(String why) -> failed(request, service, "refused", why);
            case PushOutcome.NotNow(String why, var _) -> failed(request, service, "not_now", why);
        }
    }

    private void failed(RequestKey request, String service, String outcome, String why) {
        pushes.labelValues(service, outcome).inc();
        Event.of("push_failed", "a push notification was not accepted: " + why)
                .with("pair_id", request.pair().value())
                .with("request_id", request.request().toString())
                .with("provider", service)
                .to(LOG, Level.INFO);
    }

    /** A parked long poll runs again, so long after the signal. */
    public void woken(long nanos) {
        wakes.observe(seconds(nanos));
    }

    @Override
    public void ended(Ended call) {
        calls.labelValues(call.route(), call.method(), call.status() == 0 ? ABORTED : "" + call.status())
                .inc();
        callTimes.labelValues(call.route(), call.method(), "" + call.waited()).observe(seconds(call.nanos()));
    }

    @Override
    public void refused(int status) {
        calls.labelValues(UNMATCHED, OTHER, "" + status).inc();
    }

    private static double seconds(long nanos) {
        return Math.max(0, nanos) / 1e9;
    }

    /**
     * All metrics, in OpenMetrics if the {@code Accept} header prefers it, and in Prometheus's own text format
     * otherwise.
     */
    public Exposition exposition(String accept) {
        double open = weight(accept, OPENMETRICS);
        ExpositionFormatWriter writer = open > 0 && open >= weight(accept, PLAIN)
                ? OpenMetricsTextFormatWriter.create()
                : PrometheusTextFormatWriter.create();
        ByteArrayOutputStream content = new ByteArrayOutputStream(32 * 1024);
        try {
            writer.write(content, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Exposition(writer.getContentType(), content.toByteArray());
    }

    /**
     * The largest weight (RFC 9110, section 12.4.2) of a media type that the header names; 0 if it does not name it.
     */
    private static double weight(String accept, String type) {
        return Stream.of(accept.toLowerCase(Locale.ROOT).split(","))
                .map(String::strip)
                .filter(range -> range.equals(type) || range.startsWith(type + ";") || range.startsWith(type + " "))
                .mapToDouble(range -> Stream.of(range.split(";"))
                        .map(String::strip)
                        .filter(part -> part.matches("q=[01](\\.\\d{0,3})?"))
                        .mapToDouble(part -> Double.parseDouble(part.substring(2)))
                        .findFirst()
                        .orElse(1))
                .max()
                .orElse(0);
    }
}
