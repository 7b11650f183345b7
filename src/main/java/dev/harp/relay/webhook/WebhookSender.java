package dev.harp.relay.webhook;

import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.Bulkhead;
import dev.harp.relay.outbound.HttpAnswer;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.protocol.WebhookNotice;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;

/**
 * Attempts to tell platforms, a few at a time.
 *
 * <p>{@link Bulkhead} say how many at once, and keep those that have to wait. A lane is memory and may be lost: what is in it is stored, too, and due
 * again when the claim of whoever put it there has lapsed.
 */
public final class WebhookSender implements AutoCloseable {
    /** How long one attempt may take, from the name's lookup to the answer's head. */
    public static final Duration ATTEMPT = Duration.ofSeconds(10);

    private static final int IN_ALL = 512;
    private static final int WAITING_IN_ALL = 8192;
    private static final int FOR_ONE = 8;
    private static final int WAITING_FOR_ONE = 256;
    private static final int GONE = 410;

    private final AddressGuard guard;
    private volatile boolean closed;
    private final Post post;
    private final InstantSource clock;
    private final Bulkhead lanes;

    /** What became of a notice that was offered. */
    public enum Offer {
        /** It will be attempted soon. */
        TAKEN,
        /** It is being attempted, or will be; the work runs once more in any case. */
        KNOWN,
        /** There is no room: offer it again later. */
        FULL
    }

    /**
     * Nothing is being told yet.
     *
     * @param guard says where to connect to
     * @param trust whose certificates are believed; asked once, at the first attempt
     * @param limit how long one attempt may take
     * @param inAll how many attempts there is room for at once, at least 1; more than {@value #IN_ALL} are never made
     * @param clock for the time that is signed
     */
    public WebhookSender(
            AddressGuard guard, Supplier<SSLSocketFactory> trust, Duration limit, int inAll, InstantSource clock) {
        this.guard = guard;
        this.post = new Post(guard, trust, limit);
        this.lanes =
                new Bulkhead("webhook", Math.min(IN_ALL, inAll), FOR_ONE, FOR_ONE, WAITING_FOR_ONE, WAITING_IN_ALL);
        this.clock = clock;
    }

    /** What a webhook may call, for whoever takes the URL. */
    public AddressGuard guard() {
        return guard;
    }

    /**
     * Runs the work once there is a place for another attempt at the notice's receiver, on a thread of its own. Returns at once.
     *
     * @param work calls {@link #tell}, once
     */
    public Offer offer(WebhookNotice notice, Runnable work) {
        String receiver =
                TargetUrl.parse(notice.callback().url()) instanceof TargetUrl.Good(TargetUrl url) ? url.toString() : "";
        return switch (lanes.offer(receiver, notice.key().pair(), notice.key(), work)) {
            case TAKEN -> Offer.TAKEN;
            case KNOWN -> Offer.KNOWN;
            case FULL -> Offer.FULL;
        };
    }

    /** How many attempts are being made now. */
    public int attempts() {
        return lanes.running();
    }

    /** How many notices wait for a place. */
    public int waiting() {
        return lanes.waiting();
    }

    /** Makes one attempt, and takes no longer for it than it may. Never throws. */
    public WebhookOutcome tell(WebhookNotice notice) {
        WebhookMessage message = WebhookMessage.of(notice);
        Map<String, String> headers = new HashMap<>(Signatures.of(
                notice.callback(), message.eventId(), clock.instant().getEpochSecond(), message.body()));
        headers.put("Content-Type", "application/json");
        Post.Result result = post.send(notice.callback().url(), headers, message.body(), 0);
        return switch (result) {
            case Post.Unanswered _ when closed -> new WebhookOutcome.Stopped();
            case Post.Unanswered(String why) -> WebhookOutcome.Failed.because(why);
            case HttpAnswer answer when answer.ok() -> new WebhookOutcome.Received();
            case HttpAnswer answer when answer.status() == GONE -> new WebhookOutcome.Gone();
            case HttpAnswer answer -> new WebhookOutcome.Failed("status " + answer.status(), answer.retryAfter());
        };
    }

    /** Ends what is being attempted: it counts as failed nowhere, and is due again when its claim has lapsed. */
    @Override
    public void close() {
        closed = true;
        lanes.close();
        post.close();
    }
}
