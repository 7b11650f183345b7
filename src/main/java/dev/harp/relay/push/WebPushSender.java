package dev.harp.relay.push;

import com.zerodeplibs.webpush.MessageEncryptions;
import com.zerodeplibs.webpush.PushMessage;
import dev.harp.relay.outbound.Bulkhead;
import dev.harp.relay.outbound.HttpAnswer;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.protocol.Sha256;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Wakes devices by Web Push (RFC 8030), which browsers and UnifiedPush applications speak: nobody's app keys are needed, only a pair of the relay's
 * own. A push token is the subscription as JSON.
 *
 * <p>The message is encrypted for the application (RFC 8291) and the relay introduces itself (RFC 8292); both by the library
 * zerodep-web-push-java, which composes the JDK's own primitives: 79 KB, and nothing comes with it. Push services see sizes and times, and no id: the topic, by which a second
 * attempt takes the place of the first, is a hash.
 *
 * <p>Strangers choose where this calls. So {@link Post} has to go by a guard for them; {@link Bulkhead} hold a push service that never answers
 * to its own few places and one device to fewer; and each push service has a breaker. An answer of 429 is about one
 * subscription as often as about the relay, so it does not count against a service that others use, too.
 */
public final class WebPushSender implements PushSender {
    /** How long a call may take. */
    public static final Duration CALL = Duration.ofSeconds(10);

    private static final Logger LOG = System.getLogger(WebPushSender.class.getName());
    private static final int IN_ALL = 256;
    private static final int FOR_ONE = 32;
    private static final int OF_ONE = 4;
    private static final int WAITING_FOR_ONE = 1024;
    private static final int WAITING_IN_ALL = 10_000;
    private static final int REMEMBERED = 1000;
    private static final int TOPIC = 32;
    private static final String TOO_MANY = "status 429";

    private final Vapid vapid;
    private final Post post;
    private final InstantSource clock;
    private final CircuitBreakers breakers;
    private final Bulkhead lanes;

    /**
     * Nothing is being sent yet.
     *
     * @param keys the relay's own
     * @param subject whom a push service may turn to, see {@link VapidKeys#isSubject}
     * @param post makes the calls, and lets none through to where strangers have no business; closed with the sender
     * @param inAll how many calls there is room for at once, at least 1; more than {@value #IN_ALL} are never made
     * @param clock for what a wake-up's remaining time is, and for signatures
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public WebPushSender(
            VapidKeys keys, String subject, Post post, int inAll, InstantSource clock, LongSupplier nanoTime) {
        this.vapid = new Vapid(keys, subject, clock, REMEMBERED);
        this.post = post;
        this.lanes =
                new Bulkhead("push-webpush", Math.min(IN_ALL, inAll), FOR_ONE, OF_ONE, WAITING_FOR_ONE, WAITING_IN_ALL);
        this.clock = clock;
        this.breakers = new CircuitBreakers(REMEMBERED, nanoTime);
    }

    @Override
    public String name() {
        return "webpush";
    }

    /** Anything that begins like a JSON object; if it is no subscription it is refused. */
    @Override
    public boolean knows(String token) {
        return token.startsWith("{");
    }

    @Override
    public boolean offer(PushNotification wake, Consumer<PushOutcome> told) {
        Optional<Subscription> subscription = Subscription.parse(wake.token());
        String origin = origin(subscription);
        return breakers.admits(origin)
                && lanes.offer(origin, wake.device(), new Object(), () -> tell(told, attempt(wake, subscription)))
                        == Bulkhead.Offer.TAKEN;
    }

    @Override
    public Duration pause(String token) {
        return breakers.pause(origin(Subscription.parse(token)));
    }

    private static String origin(Optional<Subscription> subscription) {
        return subscription.map(Subscription::origin).orElse("");
    }

    private PushOutcome attempt(PushNotification wake, Optional<Subscription> subscription) {
        long left = PushText.secondsLeft(wake, clock.instant());
        if (subscription.isEmpty()) {
            return new PushOutcome.Refused("no subscription");
        }
        if (left == 0) {
            return new PushOutcome.Refused("the request has ended");
        }
        String origin = subscription.get().origin();
        if (!breakers.begin(origin)) {
            return new PushOutcome.NotNow("provider out of order", Optional.of(breakers.pause(origin)));
        }
        PushOutcome outcome = outcome(send(wake, subscription.get(), left));
        boolean away = outcome instanceof PushOutcome.NotNow(String why, Optional<Duration> _) && !why.equals(TOO_MANY);
        if (away) {
            breakers.failed(origin);
        } else {
            breakers.succeeded(origin);
        }
        return outcome;
    }

    private Post.Result send(PushNotification wake, Subscription to, long secondsLeft) {
        byte[] text = PushJson.bytes(json -> {
            json.writeStartObject().write("title", PushText.TITLE);
            PushText.names(json, wake);
            json.writeEnd();
        });
        // An encryption is not for two threads at once.
        byte[] body =
                MessageEncryptions.of().encrypt(to.keys(), PushMessage.of(text)).toBytes();
        Map<String, String> headers = new HashMap<>();
        headers.put("Authorization", vapid.authorization(to.origin()));
        headers.put("Content-Type", "application/octet-stream");
        headers.put("Content-Encoding", "aes128gcm");
        headers.put("TTL", String.valueOf(secondsLeft));
        headers.put("Urgency", "high");
        headers.put("Topic", topic(wake));
        return post.send(to.endpoint().uri().toString(), headers, body, 0);
    }

    /** The same for each attempt at the same request (RFC 8030, section 5.4). */
    private static String topic(PushNotification wake) {
        return Sha256.of(wake.request().pair() + "/" + wake.request().request())
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

    private static void tell(Consumer<PushOutcome> told, PushOutcome outcome) {
        try {
            told.accept(outcome);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "what became of a wake-up could not be noted", e);
        }
    }

    /** How many push services are left alone now. */
    public int open() {
        return breakers.open();
    }

    /** How many wake-ups are being sent now. */
    public int attempts() {
        return lanes.running();
    }

    /** How many wake-ups wait. */
    public int waiting() {
        return lanes.waiting();
    }

    @Override
    public void close() {
        lanes.close();
        post.close();
    }
}
