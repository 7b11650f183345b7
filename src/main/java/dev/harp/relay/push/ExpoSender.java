package dev.harp.relay.push;

import dev.harp.json.Json;
import dev.harp.relay.log.Event;
import dev.harp.relay.log.EventThrottle;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.push.ExpoQueue.Batch;
import dev.harp.relay.push.ExpoQueue.Waiting;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLSocketFactory;

/**
 * Sends push notifications by Expo's push service, which passes them on to those of Apple and Google.
 *
 * <p>Strangers choose the tokens, so a call may contain one that Expo rejects, or tokens of several projects, and then
 * Expo accepts none of the call. It is sent again in parts, by project if Expo names the projects, else in halves,
 * until the bad one is alone. {@link ExpoQueue} bounds the number of calls; what is left after them is to be sent
 * later.
 */
public final class ExpoSender implements PushSender {
    /** The limit for one call. */
    public static final Duration CALL = Duration.ofSeconds(10);

    private static final Logger LOG = System.getLogger(ExpoSender.class.getName());

    /** Expo's own server libraries also take a bare UUID. */
    private static final Pattern TOKEN = Pattern.compile(
            "Expo(nent)?PushToken\\[[A-Za-z0-9_-]{1,128}]|[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}");

    private static final int RECEIPTS = 10_000;
    private static final Duration REPEATED_EVENT = Duration.ofMinutes(10);

    private final String url;
    private final Optional<String> accessToken;
    private final Post post;
    private final InstantSource clock;
    final CircuitBreaker breaker;
    final ExpoQueue queue;
    final ExpoReceipts receipts;
    private final EventThrottle<String> events;

    /**
     * Makes no call yet.
     *
     * @param url the service, without {@code /send}
     * @param accessToken the project's access token, if Expo requires one ("enhanced security")
     * @param post makes the calls, see {@link #post}; closed with the sender
     * @param clock for the remaining time of notifications
     * @param nanoTime a monotonic clock in nanoseconds
     * @param timer for what is done later
     * @param invalidTokens is told of tokens that receipts report as invalid
     */
    public ExpoSender(
            String url,
            Optional<String> accessToken,
            Post post,
            InstantSource clock,
            LongSupplier nanoTime,
            Timer timer,
            InvalidTokenListener invalidTokens) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.accessToken = accessToken;
        this.post = post;
        this.clock = clock;
        this.breaker = new CircuitBreaker(nanoTime);
        this.queue = new ExpoQueue(breaker, timer, nanoTime, this::send);
        this.events = new EventThrottle<>(REPEATED_EVENT, 8, nanoTime);
        this.receipts = new ExpoReceipts(
                RECEIPTS,
                nanoTime,
                timer,
                body -> post.send(this.url + "/getReceipts", headers(), body, ExpoAnswer.MOST),
                () -> breaker.state() == CircuitBreaker.State.CLOSED,
                invalidTokens,
                this::reportCredentials);
    }

    /** Calls to a URL that the operator has chosen: at any address of its host, and by http if the URL says so. */
    public static Post post(TargetUrl url, AddressGuard.Names names, Supplier<SSLSocketFactory> trust, Duration limit) {
        AllowList host = AllowList.parse(url.host()).orElse(AllowList.NONE);
        return new Post(new AddressGuard(host, names), trust, limit);
    }

    @Override
    public String name() {
        return "expo";
    }

    /** The two forms that Expo's tokens have had. */
    @Override
    public boolean knows(String token) {
        return TOKEN.matcher(token).matches();
    }

    @Override
    public boolean offer(PushNotification push, Consumer<PushOutcome> told) {
        return queue.offer(new Waiting(push, told));
    }

    @Override
    public Duration pause(String token) {
        return breaker.pause();
    }

    private void send(Batch batch) {
        Instant now = clock.instant();
        List<Waiting> content = new ArrayList<>();
        for (Waiting each : batch.content()) {
            if (each.push().secondsLeft(now) > 0) {
                content.add(each);
            } else {
                each.tell(new PushOutcome.Refused("the request has ended"));
            }
        }
        if (!content.isEmpty()) {
            Post.Result result = post.send(url + "/send", headers(), body(content, now), ExpoAnswer.MOST);
            if (!queue.closed()) { // otherwise a failure says nothing about the provider
                conclude(new Batch(content, batch.callsLeft()), ExpoAnswer.of(result, content.size()));
            }
        }
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("Accept", "application/json");
        accessToken.ifPresent(token -> headers.put("Authorization", "Bearer " + token));
        return headers;
    }

    /**
     * Without a {@code channelId}: Android shows nothing on a channel that the app has not created, and without one
     * Expo's default channel is used.
     */
    private static byte[] body(List<Waiting> content, Instant now) {
        return Json.bytes(json -> {
            json.writeStartArray();
            for (Waiting each : content) {
                json.writeStartObject()
                        .write("to", each.push().token())
                        .write("title", PushNotification.TITLE)
                        .write("sound", "default")
                        .write("priority", "high")
                        .write("ttl", each.push().secondsLeft(now))
                        .writeStartObject("data");
                each.push().write(json);
                json.writeEnd().writeEnd();
            }
            json.writeEnd();
        });
    }

    private void conclude(Batch batch, ExpoAnswer answer) {
        if (answer instanceof ExpoAnswer.Away(String why, Optional<Duration> pause)) {
            if (breaker.failed(pause)) {
                Event.of("push_unavailable", "Expo's push service is unavailable; notifications wait until it recovers")
                        .with("provider", name())
                        .with("reason", why)
                        .to(LOG, Level.WARNING);
            }
            batch.tell(new PushOutcome.NotNow(why, pause));
            return;
        }
        if (breaker.succeeded()) {
            Event.of("push_recovered", "Expo's push service is available again")
                    .with("provider", name())
                    .to(LOG, Level.INFO);
        }
        switch (answer) {
            case ExpoAnswer.Tickets(List<ExpoAnswer.Ticket> tickets) -> deliver(batch, tickets);
            case ExpoAnswer.Mixed(Map<String, String> projects) -> split(batch, byProject(batch, projects));
            // Expo's answer if a single message is malformed; or the call is longer than something on the way allows.
            case ExpoAnswer.Unwanted(int status)
            when (status == 400 || status == 413) && batch.content().size() > 1 ->
                split(batch, halves(batch.content()));
            case ExpoAnswer.Unwanted(int status) -> {
                if (status != 400 && status != 413) {
                    reportRefusal(status);
                }
                batch.tell(new PushOutcome.Refused("status " + status));
            }
            case ExpoAnswer.Away _ -> throw new AssertionError("handled above");
        }
    }

    private void deliver(Batch batch, List<ExpoAnswer.Ticket> tickets) {
        for (int i = 0; i < tickets.size(); i++) {
            Waiting waiting = batch.content().get(i);
            ExpoAnswer.Ticket ticket = tickets.get(i);
            ticket.receipt().ifPresent(id -> receipts.expect(id, waiting.push()));
            if (ticket.outcome() instanceof PushOutcome.Refused(String why)
                    && ExpoAnswer.CREDENTIALS.stream().anyMatch(why::endsWith)) {
                reportCredentials();
            }
            waiting.tell(ticket.outcome());
        }
    }

    private void split(Batch whole, List<List<Waiting>> groups) {
        if (groups.isEmpty()) {
            whole.tell(new PushOutcome.Refused("several projects for one token"));
        } else {
            queue.split(whole, groups);
        }
    }

    /** Those that Expo has not named stay together. */
    private static List<List<Waiting>> byProject(Batch batch, Map<String, String> projects) {
        Map<String, List<Waiting>> groups = batch.content().stream()
                .collect(Collectors.groupingBy(
                        each -> projects.getOrDefault(each.push().token(), ""),
                        LinkedHashMap::new,
                        Collectors.toList()));
        return groups.size() > 1 ? List.copyOf(groups.values()) : halves(batch.content());
    }

    private static List<List<Waiting>> halves(List<Waiting> content) {
        int half = content.size() / 2;
        return half == 0
                ? List.of()
                : List.of(List.copyOf(content.subList(0, half)), List.copyOf(content.subList(half, content.size())));
    }

    private void reportRefusal(int status) {
        String option = status == 401 || status == 403 ? "EXPO_ACCESS_TOKEN" : "EXPO_URL";
        if (events.admit("push_refused").isPresent()) {
            Event.of("push_refused", "Expo's push service refuses the relay; check " + option)
                    .with("provider", name())
                    .with("status", status)
                    .to(LOG, Level.ERROR);
        }
    }

    private void reportCredentials() {
        if (events.admit("push_credentials_invalid").isPresent()) {
            Event.of(
                            "push_credentials_invalid",
                            "Apple or Google refuse the credentials that the app's owner has deposited with Expo")
                    .with("provider", name())
                    .to(LOG, Level.ERROR);
        }
    }

    @Override
    public void close() {
        queue.close();
        receipts.close();
        post.close();
    }
}
