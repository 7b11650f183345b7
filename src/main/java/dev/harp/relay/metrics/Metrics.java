package dev.harp.relay.metrics;

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
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;

/**
 * What is counted, and in which words it is told. {@code docs/monitor.md} has the table.
 *
 * <p>Every label value comes from a closed set: states, scopes, forms of paths, statuses that the relay gives, and
 * methods that there are. Nothing that a client has written becomes one, so that a client can neither leave a secret in a
 * series nor make series without end. Levels are read where they are kept, when somebody asks.
 */
public final class Metrics {
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
    private final AtomicBoolean scraped = new AtomicBoolean();
    private final Counter submissions;
    private final Counter outcomes;
    private final Counter webhooks;
    private final Counter pushes;
    private final Histogram delivery;
    private final Histogram response;
    private final Histogram wakes;
    private final Counter calls;
    private final Histogram callTimes;

    /** Nothing counted yet. */
    public Metrics(String version) {
        Info.builder()
                .name("harp_relay_build_info")
                .help("The relay's version.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(version);
        submissions = Counter.builder()
                .name("harp_relay_submissions_total")
                .help("Requests taken; a retry is none.")
                .register(registry);
        outcomes = Counter.builder()
                .name("harp_relay_outcomes_total")
                .help("Requests that have ended, by final state.")
                .labelNames("state")
                .register(registry);
        Stream.of("responded", "expired", "cancelled").forEach(outcomes::initLabelValues);
        webhooks = Counter.builder()
                .name("harp_relay_webhooks_total")
                .help("Attempts at webhooks, by what came of them.")
                .labelNames("outcome")
                .register(registry);
        Stream.of("received", "failed", "gone").forEach(webhooks::initLabelValues);
        pushes = Counter.builder()
                .name("harp_relay_pushes_total")
                .help("Attempts at wake-ups, by push service and what came of them.")
                .labelNames("service", "outcome")
                .register(registry);
        Stream.of("expo", "webpush")
                .forEach(service -> Stream.of("accepted", "token_dead", "refused", "not_now")
                        .forEach(outcome -> pushes.initLabelValues(service, outcome)));
        delivery =
                seconds("harp_relay_delivery_seconds", "From submission to the device's first read.", PERSON_SECONDS);
        response = seconds("harp_relay_response_seconds", "From submission to the device's answer.", PERSON_SECONDS);
        wakes = seconds("harp_relay_wake_seconds", "From a ring to the parked long poll running.", WAKE_SECONDS);
        calls = Counter.builder()
                .name("harp_relay_http_requests_total")
                .help("Answers, by form of the path, method and status.")
                .labelNames("route", "method", "status")
                .register(registry);
        callTimes = seconds(
                "harp_relay_http_request_seconds",
                "From a request's head to the end of its answer; waited: the call asked to wait for news.",
                CALL_SECONDS,
                "route",
                "method",
                "waited");
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

    /** A level that is read at each scrape. */
    public void level(String name, String help, DoubleSupplier value) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .callback(gauge -> gauge.call(value.getAsDouble()))
                .register(registry);
    }

    /** Levels of one kind, by the values of a label. */
    public void levels(String name, String help, String label, Map<String, DoubleSupplier> values) {
        GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(gauge -> values.forEach((key, value) -> gauge.call(value.getAsDouble(), key)))
                .register(registry);
    }

    /** Counts that are kept elsewhere, by the values of a label. */
    public void counts(String name, String help, String label, Map<String, DoubleSupplier> values) {
        CounterWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(label)
                .callback(counter -> values.forEach((key, value) -> counter.call(value.getAsDouble(), key)))
                .register(registry);
    }

    /** A request was taken. */
    public void submitted() {
        submissions.inc();
    }

    /** A request was read for the first time. */
    public void delivered(Duration afterSubmission) {
        delivery.observe(seconds(afterSubmission.toNanos()));
    }

    /** A request was answered. */
    public void responded(Duration afterSubmission) {
        outcomes.labelValues("responded").inc();
        response.observe(seconds(afterSubmission.toNanos()));
    }

    /** A request's time ran out. */
    public void expired() {
        outcomes.labelValues("expired").inc();
    }

    /** A request was withdrawn, or its pairing revoked. */
    public void cancelled() {
        outcomes.labelValues("cancelled").inc();
    }

    /** An attempt at a webhook is over: {@code received}, {@code failed} or {@code gone}. */
    public void webhook(String outcome) {
        webhooks.labelValues(outcome).inc();
    }

    /** An attempt at a wake-up is over: {@code accepted}, {@code token_dead}, {@code refused} or {@code not_now}. */
    public void push(String service, String outcome) {
        pushes.labelValues(service, outcome).inc();
    }

    /** A parked long poll was called. */
    public void woken(long nanos) {
        wakes.observe(seconds(nanos));
    }

    /** A call is over; route and method are of a few, and the status is 0 if the connection ended before the answer did. */
    public void called(String route, String method, int status, long nanos, boolean waited) {
        calls.labelValues(route, method, status == 0 ? ABORTED : String.valueOf(status))
                .inc();
        callTimes.labelValues(route, method, String.valueOf(waited)).observe(seconds(nanos));
    }

    /** Something was refused before it was understood as a call. */
    public void refused(int status) {
        calls.labelValues(UNMATCHED, OTHER, String.valueOf(status)).inc();
    }

    private static double seconds(long nanos) {
        return Math.max(0, nanos) / 1e9;
    }

    /** Everything, in OpenMetrics if the {@code Accept} header prefers it, and in Prometheus's own text otherwise. */
    public Exposition exposition(String accept) {
        if (!scraped.getAndSet(true)) {
            // Not at the start, which is to be quick: these load much of the JVM's management.
            JvmMetrics.builder().register(registry);
        }
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

    /** The largest weight (RFC 9110, section 12.4.2) that is given to a type by its name; 0 if it is not named. */
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
