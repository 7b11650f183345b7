package dev.harp.relay.push;

import com.zerodeplibs.webpush.MessageEncryptions;
import com.zerodeplibs.webpush.PushMessage;
import dev.harp.json.Json;
import dev.harp.relay.outbound.Bulkhead;
import dev.harp.relay.outbound.HttpAnswer;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.protocol.Sha256;
import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Sends push notifications by Web Push (RFC 8030), which browsers and UnifiedPush applications support. It needs no app
 * credentials, only a key pair of the relay. A push token is the subscription as JSON.
 *
 * <p>The message is encrypted for the application (RFC 8291), and the relay authenticates itself (RFC 8292). Both are
 * done by the library zerodep-web-push-java, which uses the JDK's own primitives: 79 KB without further dependencies.
 * Push services see sizes and times, but no id: the topic, by which a later attempt replaces an earlier one, is a hash.
 *
 * <p>Strangers choose the endpoint. So {@link Post} needs a guard for strangers' URLs, {@link Bulkhead} limits a push
 * service that never answers to its own few places and one device to fewer, and each push service has a circuit
 * breaker. The services of browsers have places of their own, and so have their names at the resolver: hosts that a
 * stranger has made up, as many as they like, hold up none of them. An answer of 429 may be about one subscription
 * only, so it does not count against a service that others use, too.
 */
public final class WebPushSender implements PushSender {
    /** For how long the relay's signature to a push service is valid; RFC 8292 allows 24 hours. */
    private static final Duration SIGNED_FOR = Duration.ofHours(12);

    /** The limit for one call. */
    public static final Duration CALL = Duration.ofSeconds(10);

    private static final int IN_ALL = 256;
    private static final int FOR_ONE = 32;
    private static final int OF_ONE = 4;
    private static final int WAITING_FOR_ONE = 1024;
    private static final int WAITING_IN_ALL = 10_000;

    /** For the services that no browser uses, as for the receivers of webhooks. */
    private static final int OTHERS_IN_ALL = 64;

    private static final int OTHERS_FOR_ONE = 8;
    private static final int OTHERS_WAITING_FOR_ONE = 256;
    private static final int OTHERS_WAITING_IN_ALL = 2000;

    private static final int REMEMBERED = 1000;
    private static final int TOPIC = 32;
    private static final String TOO_MANY = "status 429";

    /** The type of declarative messages (WebKit, "Declarative Web Push"). */
    private static final String DECLARATIVE = "application/notification+json";

    /** Tells a declarative message from other JSON. */
    private static final int DECLARATIVE_VERSION = 8030;

    private final Supplier<Optional<VapidKeys>> keys;
    private final Identity identity;
    private final Posts posts;
    private final InstantSource clock;
    final CircuitBreakers breakers;
    final Bulkhead browsers;
    final Bulkhead others;

    /**
     * What the messages of this relay say about it.
     *
     * @param subject the contact for push services, see {@link VapidKeys#isSubject}
     * @param app the {@code https} URL of the approver's app that this relay serves, if it does
     */
    public record Identity(String subject, Optional<String> app) {}

    /**
     * Make the calls, each with a guard for strangers' URLs; closed with the sender.
     *
     * @param browsers to the push services of browsers
     * @param others to all others
     */
    public record Posts(Post browsers, Post others) {}

    /**
     * Makes no call yet.
     *
     * @param keys the relay's own, asked for at each message; empty while they are not known
     * @param inAll how many calls are made at once, at least 2; at most {@value #IN_ALL} count
     * @param clock for the remaining time of notifications, and for signatures
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public WebPushSender(
            Supplier<Optional<VapidKeys>> keys,
            Identity identity,
            Posts posts,
            int inAll,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.keys = keys;
        this.identity = identity;
        this.posts = posts;
        int most = Math.min(IN_ALL, inAll);
        int ofOthers = Math.max(1, Math.min(OTHERS_IN_ALL, most / 4));
        this.browsers = new Bulkhead(
                "push-webpush", Math.max(1, most - ofOthers), FOR_ONE, OF_ONE, WAITING_FOR_ONE, WAITING_IN_ALL);
        this.others = new Bulkhead(
                "push-webpush-other", ofOthers, OTHERS_FOR_ONE, OF_ONE, OTHERS_WAITING_FOR_ONE, OTHERS_WAITING_IN_ALL);
        this.clock = clock;
        this.breakers = new CircuitBreakers(REMEMBERED, nanoTime);
    }

    @Override
    public String name() {
        return "webpush";
    }

    /** Whether it begins like a JSON object; if it is not a subscription, the notification is refused. */
    @Override
    public boolean knows(String token) {
        return token.startsWith("{");
    }

    /** What is wrong with a token of this form, if no message could ever be sent to it. */
    public static Optional<String> flaw(String token) {
        return token.startsWith("{") && Subscription.parse(token).isEmpty()
                ? Optional.of(
                        "push_token is JSON and no Web Push subscription; give what the browser's PushSubscription"
                            + " serializes to: endpoint, a URL, and in keys p256dh, 65 bytes, and auth, 16 bytes, in"
                            + " base64.")
                : Optional.empty();
    }

    @Override
    public boolean offer(PushNotification push, Consumer<PushOutcome> told) {
        Optional<Subscription> subscription = Subscription.parse(push.token());
        String origin = origin(subscription);
        Bulkhead bulkhead = subscription.filter(Subscription::ofBrowser).isPresent() ? browsers : others;
        Runnable call = () -> told.accept(attempt(push, subscription));
        return breakers.of(origin).admits() && bulkhead.offer(origin, push.device(), new Object(), call);
    }

    @Override
    public Duration pause(String token) {
        return breakers.of(origin(Subscription.parse(token))).pause();
    }

    private static String origin(Optional<Subscription> subscription) {
        return subscription.map(Subscription::origin).orElse("");
    }

    private PushOutcome attempt(PushNotification push, Optional<Subscription> subscription) {
        long left = push.secondsLeft(clock.instant());
        if (subscription.isEmpty()) {
            return new PushOutcome.Refused("no subscription");
        }
        if (left == 0) {
            return new PushOutcome.Refused("the request has ended");
        }
        Optional<VapidKeys> own = keys.get();
        if (own.isEmpty()) {
            return new PushOutcome.NotNow("no key pair from the store", Optional.empty());
        }
        CircuitBreaker breaker = breakers.of(subscription.get().origin());
        if (!breaker.begin()) {
            return new PushOutcome.NotNow("provider unavailable", Optional.of(breaker.pause()));
        }
        PushOutcome outcome = outcome(send(push, subscription.get(), own.get(), left));
        boolean away = outcome instanceof PushOutcome.NotNow(String why, Optional<Duration> _) && !why.equals(TOO_MANY);
        var _ = away ? breaker.failed(Optional.empty()) : breaker.succeeded();
        return outcome;
    }

    private Post.Result send(PushNotification push, Subscription to, VapidKeys own, long secondsLeft) {
        byte[] text = Json.bytes(json -> {
            json.writeStartObject().write("title", PushNotification.TITLE);
            push.write(json);
            identity.app().ifPresent(app -> declare(app, json));
            json.writeEnd();
        });
        // An encryption object is not thread-safe.
        byte[] body =
                MessageEncryptions.of().encrypt(to.keys(), PushMessage.of(text)).toBytes();
        Map<String, String> headers = new HashMap<>();
        headers.put(
                "Authorization", own.authorization(to.origin(), clock.instant().plus(SIGNED_FOR), identity.subject()));
        headers.put("Content-Type", identity.app().isPresent() ? DECLARATIVE : "application/octet-stream");
        headers.put("Content-Encoding", "aes128gcm");
        headers.put("TTL", String.valueOf(secondsLeft));
        headers.put("Urgency", "high");
        headers.put("Topic", topic(push));
        Post post = to.ofBrowser() ? posts.browsers() : posts.others();
        return post.send(to.endpoint().uri().toString(), headers, body, 0);
    }

    /**
     * Makes the message a declarative one (W3C Push API, "declarative push message"): a browser that knows these shows
     * it itself if the application's service worker is gone or fails. It is mutable, so a service worker that works is
     * asked first. WebKit reads that member inside of the notification, the specification has it outside.
     */
    private static void declare(String app, JsonGenerator json) {
        json.write("web_push", DECLARATIVE_VERSION)
                .writeStartObject("notification")
                .write("title", PushNotification.TITLE)
                .write("body", PushNotification.BODY)
                .write("lang", "en")
                .write("navigate", app)
                .write("tag", "harp")
                .write("renotify", true)
                .write("mutable", true)
                .writeEnd()
                .write("mutable", true);
    }

    /** The same for each attempt at the same request (RFC 8030, section 5.4). */
    private static String topic(PushNotification push) {
        return Sha256.of(push.request().pair() + "/" + push.request().request())
                .hex()
                .substring(0, TOPIC);
    }

    private static PushOutcome outcome(Post.Result result) {
        return switch (result) {
            case Post.Unanswered(String why) -> new PushOutcome.NotNow(why, Optional.empty());
            case HttpAnswer answer when answer.ok() -> new PushOutcome.Accepted();
            case HttpAnswer answer when answer.status() == 404 || answer.status() == 410 -> new PushOutcome.TokenDead();
            case HttpAnswer answer
            when answer.status() == 429 || answer.status() / 100 == 5 ->
                new PushOutcome.NotNow("status " + answer.status(), answer.retryAfter());
            case HttpAnswer answer -> new PushOutcome.Refused("status " + answer.status());
        };
    }

    @Override
    public void close() {
        browsers.close();
        others.close();
        posts.browsers().close();
        posts.others().close();
    }
}
