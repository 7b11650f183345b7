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
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLSocketFactory;

/**
 * Makes attempts at webhooks, a limited number at a time ({@link Bulkhead}). What waits for a place may be lost: it is
 * also stored, and due again when its claim has lapsed.
 */
public final class WebhookSender implements AutoCloseable {
    /** The limit for one attempt, from the look-up of the name to the head of the answer. */
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
    private final Bulkhead bulkhead;

    /**
     * Makes no attempt yet.
     *
     * @param guard says which addresses a URL may be called at
     * @param trust the trusted certificates, as in {@link Post}
     * @param limit for one attempt
     * @param inAll how many attempts are made at once, at least 1; at most {@value #IN_ALL} count
     * @param clock for the time that is signed
     */
    public WebhookSender(
            AddressGuard guard, Supplier<SSLSocketFactory> trust, Duration limit, int inAll, InstantSource clock) {
        this.guard = guard;
        this.post = new Post(guard, trust, limit);
        this.bulkhead =
                new Bulkhead("webhook", Math.min(IN_ALL, inAll), FOR_ONE, FOR_ONE, WAITING_FOR_ONE, WAITING_IN_ALL);
        this.clock = clock;
    }

    /** The guard, for the check of a URL at submission. */
    public AddressGuard guard() {
        return guard;
    }

    /**
     * Runs the work on a thread of its own when there is a place for another attempt at the notice's receiver. If work
     * of this request is waiting, that is run; if it is running, the new one runs afterwards. Returns at once.
     *
     * @param work calls {@link #tell}, once
     * @return whether there was room
     */
    public boolean offer(WebhookNotice notice, Runnable work) {
        String receiver =
                TargetUrl.parse(notice.callback().url()) instanceof TargetUrl.Good(TargetUrl url) ? url.toString() : "";
        return bulkhead.offer(receiver, notice.key().pair(), notice.key(), work);
    }

    /** Makes one attempt within the limit. Never throws. */
    public WebhookOutcome tell(WebhookNotice notice) {
        WebhookMessage message = WebhookMessage.of(notice);
        Map<String, String> headers = new HashMap<>(Signatures.of(
                notice.callback(), message.eventId(), clock.instant().getEpochSecond(), message.body()));
        headers.put("Content-Type", "application/json");
        Post.Result result = post.send(notice.callback().url(), headers, message.body(), 0);
        return switch (result) {
            case Post.Unanswered _ when closed -> new WebhookOutcome.Stopped();
            case Post.Unanswered(String why) -> new WebhookOutcome.Failed(why, Optional.empty());
            case HttpAnswer answer when answer.ok() -> new WebhookOutcome.Received();
            case HttpAnswer answer when answer.status() == GONE -> new WebhookOutcome.Gone();
            case HttpAnswer answer -> new WebhookOutcome.Failed("status " + answer.status(), answer.retryAfter());
        };
    }

    /** Ends all attempts. They do not count as failed, and are due again when their claims have lapsed. */
    @Override
    public void close() {
        closed = true;
        bulkhead.close();
        post.close();
    }
}
