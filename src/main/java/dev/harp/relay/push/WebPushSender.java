package dev.harp.relay.push;

import com.zerodeplibs.webpush.MessageEncryptions;
import com.zerodeplibs.webpush.PushMessage;
import dev.harp.json.Json;
import dev.harp.relay.outbound.Bulkhead;
import dev.harp.relay.outbound.HttpAnswer;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.protocol.Sha256;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

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
 * breaker. An answer of 429 may be about one subscription only, so it does not count against a service that others use,
 * too.
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
    private static final int REMEMBERED = 1000;
    private static final int TOPIC = 32;
    private static final String TOO_MANY = "status 429";

    private final VapidKeys keys;
    private final String subject;
    private final Post post;
    private final InstantSource clock;
    final CircuitBreakers breakers;
    final Bulkhead bulkhead;

    /**
     * Makes no call yet.
     *
     * @param keys the relay's own
     * @param subject the contact for push services, see {@link VapidKeys#isSubject}
     * @param post makes the calls, with a guard for strangers' URLs; closed with the sender
     * @param inAll how many calls are made at once, at least 1; at most {@value #IN_ALL} count
     * @param clock for the remaining time of notifications, and for signatures
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public WebPushSender(
            VapidKeys keys, String subject, Post post, int inAll, InstantSource clock, LongSupplier nanoTime) {
        this.keys = keys;
        this.subject = subject;
        this.post = post;
        this.bulkhead =
                new Bulkhead("push-webpush", Math.min(IN_ALL, inAll), FOR_ONE, OF_ONE, WAITING_FOR_ONE, WAITING_IN_ALL);
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

    @Override
    public boolean offer(PushNotification push, Consumer<PushOutcome> told) {
        Optional<Subscription> subscription = Subscription.parse(push.token());
        String origin = origin(subscription);
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
        CircuitBreaker breaker = breakers.of(subscription.get().origin());
        if (!breaker.begin()) {
            return new PushOutcome.NotNow("provider unavailable", Optional.of(breaker.pause()));
        }
        PushOutcome outcome = outcome(send(push, subscription.get(), left));
        boolean away = outcome instanceof PushOutcome.NotNow(String why, Optional<Duration> _) && !why.equals(TOO_MANY);
        var _ = away ? breaker.failed(Optional.empty()) : breaker.succeeded();
        return outcome;
    }

    private Post.Result send(PushNotification push, Subscription to, long secondsLeft) {
        byte[] text = Json.bytes(json -> {
            json.writeStartObject().write("title", PushNotification.TITLE);
            push.write(json);
            json.writeEnd();
        });
        // An encryption object is not thread-safe.
        byte[] body =
                MessageEncryptions.of().encrypt(to.keys(), PushMessage.of(text)).toBytes();
        Map<String, String> headers = new HashMap<>();
        headers.put(
                "Authorization", keys.authorization(to.origin(), clock.instant().plus(SIGNED_FOR), subject));
        headers.put("Content-Type", "application/octet-stream");
        headers.put("Content-Encoding", "aes128gcm");
        headers.put("TTL", String.valueOf(secondsLeft));
        headers.put("Urgency", "high");
        headers.put("Topic", topic(push));
        return post.send(to.endpoint().uri().toString(), headers, body, 0);
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
        bulkhead.close();
        post.close();
    }
}
