package dev.harp.relay.push;

import dev.harp.relay.log.Event;
import dev.harp.relay.log.EventThrottle;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.protocol.DeviceId;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;

/**
 * Wakes devices by way of Expo's push service, which passes on to those of Apple and Google.
 *
 * <p>A wake-up is sent at once while fewer than {@value #CALLS} calls are under way, as many as Expo asks its clients to keep to. What comes
 * meanwhile waits, and goes out together, at most {@value #BATCH} a call and {@value #A_SECOND} a second. Expo counts by project and a relay
 * counts for itself: several relays for one project have that rate each.
 *
 * <p>Strangers choose the tokens, so a call may hold one that Expo does not like, or tokens of several projects, and then Expo takes
 * none of the call. It is sent again in parts, by project if Expo names the projects, else in halves, until the bad one is alone.
 * The parts of one call are at most {@value #PARTS} calls; what is left after them is told to come later.
 */
public final class ExpoSender implements PushSender {
    /** Where Expo's service is. */
    public static final String URL = "https://exp.host/--/api/v2/push";

    private static final Logger LOG = System.getLogger(ExpoSender.class.getName());
    private static final Pattern TOKEN = Pattern.compile("Expo(nent)?PushToken\\[[A-Za-z0-9_-]{1,128}]");
    private static final Duration CALL = Duration.ofSeconds(10);
    private static final int QUEUE = 10_000;
    private static final int RECEIPTS = 10_000;
    private static final int BATCH = 100;
    private static final int CALLS = 6;
    private static final int PARTS = 24;
    private static final int A_SECOND = 600;
    private static final int FAILURES = 5;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(15);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration SAID_AGAIN = Duration.ofMinutes(10);

    private final String url;
    private final Optional<String> accessToken;
    private final Post post;
    private final InstantSource clock;
    private final Timer timer;
    private final InvalidTokenListener deadTokens;
    private final CircuitBreaker breaker;
    private final Pace pace;
    private final ExpoReceipts receipts;
    private final EventThrottle<String> said;

    private final Deque<Waiting> queue = new ArrayDeque<>();

    /** Parts of calls that were not taken as a whole. */
    private final Deque<Parcel> parts = new ArrayDeque<>();

    private int calls;
    private boolean resting;
    private boolean closed;

    private record Waiting(PushNotification wake, Consumer<PushOutcome> told) {}

    /** What goes out in one call; all parts of what was one call share what is left of its calls. */
    private record Parcel(List<Waiting> content, AtomicInteger callsLeft) {}

    /**
     * Nothing is being sent yet.
     *
     * @param url where the service is, without {@code /send}
     * @param accessToken the project's access token, if Expo is to ask for one ("enhanced security")
     * @param post makes the calls, see {@link #post}; closed with the sender
     * @param clock for what a wake-up's remaining time is
     * @param nanoTime a monotonic clock in nanoseconds
     * @param timer for what is to be done later
     * @param deadTokens hears what receipts say of tokens
     */
    public ExpoSender(
            String url,
            Optional<String> accessToken,
            Post post,
            InstantSource clock,
            LongSupplier nanoTime,
            Timer timer,
            InvalidTokenListener deadTokens) {
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.accessToken = accessToken;
        this.post = post;
        this.clock = clock;
        this.timer = timer;
        this.deadTokens = deadTokens;
        this.breaker = new CircuitBreaker(FAILURES, FIRST_PAUSE, LONGEST_PAUSE, nanoTime);
        this.pace = new Pace(A_SECOND, BATCH, nanoTime);
        this.said = new EventThrottle<>(SAID_AGAIN, 8, nanoTime);
        this.receipts = new ExpoReceipts(
                RECEIPTS,
                nanoTime,
                timer,
                body -> post.send(this.url + "/getReceipts", headers(), body, ExpoAnswer.MOST),
                () -> breaker.state() == CircuitBreaker.State.CLOSED,
                new ExpoReceipts.Listener() {
                    @Override
                    public void dead(DeviceId device, String token) {
                        announceDead(device, token);
                    }

                    @Override
                    public void credentials() {
                        sayCredentials();
                    }
                });
    }

    /** Calls to the operator's own choice of URL: wherever its host leads, and with http if the operator says so. */
    public static Post post(TargetUrl url, AddressGuard.Names names, Supplier<SSLSocketFactory> trust) {
        return post(url, names, trust, CALL);
    }

    static Post post(TargetUrl url, AddressGuard.Names names, Supplier<SSLSocketFactory> trust, Duration limit) {
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
    public boolean offer(PushNotification wake, Consumer<PushOutcome> told) {
        synchronized (queue) {
            if (closed || queue.size() >= QUEUE || !breaker.admits()) {
                return false;
            }
            queue.addLast(new Waiting(wake, told));
            startWhatMay();
            return true;
        }
    }

    @Override
    public Duration pause(String token) {
        return breaker.pause();
    }

    /** Starts calls while there is something to send, and it may be sent. Only under the queue's lock. */
    private void startWhatMay() {
        while (!closed && calls < CALLS && !(queue.isEmpty() && parts.isEmpty())) {
            if (!breaker.admits()) {
                turnAway();
                return;
            }
            Parcel next = parts.isEmpty() ? gathered() : parts.removeFirst();
            long early = pace.take(next.content().size());
            if (early > 0) {
                parts.addFirst(next);
                rest(early);
                return;
            }
            var _ = breaker.begin();
            calls++;
            Thread.ofVirtual().name("push-expo").start(() -> run(next));
        }
    }

    private Parcel gathered() {
        List<Waiting> content = new ArrayList<>();
        while (content.size() < BATCH && !queue.isEmpty()) {
            content.add(queue.removeFirst());
        }
        return new Parcel(content, new AtomicInteger(PARTS));
    }

    private void rest(long nanos) {
        if (!resting) {
            resting = true;
            timer.after(Duration.ofNanos(nanos), () -> {
                synchronized (queue) {
                    resting = false;
                    startWhatMay();
                }
            });
        }
    }

    /** Whoever still waits when the provider is found to be out of order: not told under the lock. */
    private void turnAway() {
        List<Waiting> away = new ArrayList<>(queue);
        parts.forEach(part -> away.addAll(part.content()));
        queue.clear();
        parts.clear();
        PushOutcome later = new PushOutcome.NotNow("provider out of order", Optional.of(breaker.pause()));
        Thread.ofVirtual().name("push-expo").start(() -> away.forEach(waiting -> tell(waiting, later)));
    }

    private void run(Parcel parcel) {
        try {
            Instant now = clock.instant();
            List<Waiting> late = new ArrayList<>();
            List<Waiting> content = new ArrayList<>();
            parcel.content().forEach(each -> (PushText.secondsLeft(each.wake(), now) > 0 ? content : late).add(each));
            late.forEach(each -> tell(each, new PushOutcome.Refused("the request has ended")));
            if (!content.isEmpty()) {
                Post.Result result = post.send(url + "/send", headers(), body(content, now), ExpoAnswer.MOST);
                if (isClosed()) {
                    return; // its failure would say nothing of the provider
                }
                conclude(new Parcel(content, parcel.callsLeft()), ExpoAnswer.of(result, content.size()));
            }
        } finally {
            synchronized (queue) {
                calls--;
                startWhatMay();
            }
        }
    }

    private boolean isClosed() {
        synchronized (queue) {
            return closed;
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
     * No {@code channelId}: Android shows nothing at all on a channel that the app has not made, and without one Expo's default channel is
     * used.
     */
    private static byte[] body(List<Waiting> content, Instant now) {
        return PushJson.bytes(json -> {
            json.writeStartArray();
            for (Waiting each : content) {
                json.writeStartObject()
                        .write("to", each.wake().token())
                        .write("title", PushText.TITLE)
                        .write("sound", "default")
                        .write("priority", "high")
                        .write("ttl", PushText.secondsLeft(each.wake(), now))
                        .writeStartObject("data");
                PushText.names(json, each.wake());
                json.writeEnd().writeEnd();
            }
            json.writeEnd();
        });
    }

    private void conclude(Parcel parcel, ExpoAnswer answer) {
        if (answer instanceof ExpoAnswer.Away(String why, Optional<Duration> pause)) {
            if (breaker.failed(pause) == CircuitBreaker.Change.OPENED) {
                Event.of("push_unavailable", "Expo's push service does not do its work; wake-ups wait until it does")
                        .with("provider", name())
                        .with("reason", why)
                        .to(LOG, Level.WARNING);
            }
            tellAll(parcel, new PushOutcome.NotNow(why, pause));
            return;
        }
        if (breaker.succeeded() == CircuitBreaker.Change.CLOSED) {
            Event.of("push_recovered", "Expo's push service does its work again")
                    .with("provider", name())
                    .to(LOG, Level.INFO);
        }
        switch (answer) {
            case ExpoAnswer.Tickets(List<ExpoAnswer.Ticket> tickets) -> deliver(parcel, tickets);
            case ExpoAnswer.Mixed(Map<String, String> projects) -> takeApart(parcel, byProject(parcel, projects));
            // Expo says so if a single message is not as it should be; or the call is longer than something on the way
            // allows.
            case ExpoAnswer.Unwanted(int status)
            when (status == 400 || status == 413) && parcel.content().size() > 1 ->
                takeApart(parcel, halves(parcel.content()));
            case ExpoAnswer.Unwanted(int status) -> {
                if (status != 400 && status != 413) {
                    sayRefused(status);
                }
                tellAll(parcel, new PushOutcome.Refused("status " + status));
            }
            case ExpoAnswer.Away _ -> throw new AssertionError("has been dealt with");
        }
    }

    private void deliver(Parcel parcel, List<ExpoAnswer.Ticket> tickets) {
        for (int i = 0; i < tickets.size(); i++) {
            Waiting waiting = parcel.content().get(i);
            ExpoAnswer.Ticket ticket = tickets.get(i);
            ticket.receipt().ifPresent(id -> receipts.expect(id, waiting.wake()));
            if (ticket.outcome() instanceof PushOutcome.Refused(String why)
                    && ExpoAnswer.CREDENTIALS.stream().anyMatch(why::endsWith)) {
                sayCredentials();
            }
            tell(waiting, ticket.outcome());
        }
    }

    /** Those that Expo has not named stay together. */
    private static List<List<Waiting>> byProject(Parcel parcel, Map<String, String> projects) {
        Map<String, List<Waiting>> groups = new LinkedHashMap<>();
        parcel.content()
                .forEach(each -> groups.computeIfAbsent(
                                projects.getOrDefault(each.wake().token(), ""), _ -> new ArrayList<>())
                        .add(each));
        return groups.size() > 1 ? List.copyOf(groups.values()) : halves(parcel.content());
    }

    private static List<List<Waiting>> halves(List<Waiting> content) {
        int half = content.size() / 2;
        return half == 0
                ? List.of()
                : List.of(List.copyOf(content.subList(0, half)), List.copyOf(content.subList(half, content.size())));
    }

    /** Each part is smaller than the whole was, so this ends. */
    private void takeApart(Parcel whole, List<List<Waiting>> groups) {
        if (groups.isEmpty()) {
            tellAll(whole, new PushOutcome.Refused("of several projects, alone"));
        } else if (whole.callsLeft().addAndGet(-groups.size()) < 0) {
            tellAll(whole, new PushOutcome.NotNow("in bad company", Optional.empty()));
        } else {
            synchronized (queue) {
                groups.forEach(group -> parts.addLast(new Parcel(group, whole.callsLeft())));
            }
        }
    }

    private static void tellAll(Parcel parcel, PushOutcome outcome) {
        parcel.content().forEach(waiting -> tell(waiting, outcome));
    }

    private static void tell(Waiting waiting, PushOutcome outcome) {
        try {
            waiting.told().accept(outcome);
        } catch (RuntimeException e) {
            // One that cannot be noted must not cost the others theirs.
            LOG.log(Level.ERROR, "what became of a wake-up could not be noted", e);
        }
    }

    private void announceDead(DeviceId device, String token) {
        try {
            deadTokens.dead(device, token);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a dead push token could not be cleared", e);
        }
    }

    private void sayRefused(int status) {
        if (said.admit("push_refused").isPresent()) {
            Event.of(
                            "push_refused",
                            status == 401 || status == 403
                                    ? "Expo's push service refuses the relay; look at EXPO_ACCESS_TOKEN"
                                    : "Expo's push service refuses the relay; look at EXPO_URL")
                    .with("provider", name())
                    .with("status", status)
                    .to(LOG, Level.ERROR);
        }
    }

    private void sayCredentials() {
        if (said.admit("push_credentials_invalid").isPresent()) {
            Event.of(
                            "push_credentials_invalid",
                            "Apple or Google refuse the keys that the app's owner has left with Expo")
                    .with("provider", name())
                    .to(LOG, Level.ERROR);
        }
    }

    /** Whether it is in order. */
    public CircuitBreaker.State state() {
        return breaker.state();
    }

    /** How many wake-ups wait, those not counted that are being sent. */
    public int waiting() {
        synchronized (queue) {
            return queue.size()
                    + parts.stream().mapToInt(part -> part.content().size()).sum();
        }
    }

    /** How many receipts are still to be asked for. */
    public int receipts() {
        return receipts.pending();
    }

    @Override
    public void close() {
        synchronized (queue) {
            closed = true;
            queue.clear();
            parts.clear();
        }
        receipts.close();
        post.close();
    }
}
