package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The rules of webhooks, pure ({@code docs/protocol.md}, section 7.11): which notices a platform gets about its
 * request, in which order, and when the next attempt is due.
 *
 * <p>The notices follow from the request alone: that it was read, if it was, and how it ended. So the record stores a
 * number, and no queue. A relay that is about to notify first claims the attempt: it moves {@code dueAt} to when
 * another relay may take over, and the store lets one of two do so. If the relay dies, the claim lapses and the notice
 * is due again: it is sent at least once, and twice only then.
 */
public final class WebhookSchedule {
    /** From one attempt's failure to the next attempt. */
    public static final Duration BETWEEN = Duration.ofSeconds(5);

    /** The longest pause that a receiver may ask for. */
    public static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** How long a claim holds: longer than one attempt may take. */
    public static final Duration CLAIM = Duration.ofSeconds(30);

    private static final Backoff BACKOFF = new Backoff(List.of(BETWEEN, BETWEEN), LONGEST_PAUSE);

    /** How often one notice is attempted at most. */
    public static final int ATTEMPTS = BACKOFF.attempts();

    private WebhookSchedule() {}

    /** All notices so far, in the order in which they are sent. */
    private static List<WebhookNotice> all(Request request, Callback callback) {
        int last = request.deliveredAt().isPresent() ? 1 : 0;
        Optional<WebhookNotice> delivered = request.deliveredAt()
                .map(at -> new WebhookNotice(request.key(), callback, 0, "delivered", at, Optional.empty()));
        Optional<WebhookNotice> end = switch (request.state()) {
            case Request.Open _ -> Optional.empty();
            case Request.Responded(Response answer, Instant at) ->
                Optional.of(end(request, callback, last, at, Optional.of(answer)));
            case Request.Expired _ -> Optional.of(end(request, callback, last, request.expiresAt(), Optional.empty()));
            case Request.Cancelled(Instant at) -> Optional.of(end(request, callback, last, at, Optional.empty()));
        };
        return Stream.of(delivered, end).flatMap(Optional::stream).toList();
    }

    private static WebhookNotice end(
            Request request, Callback callback, int number, Instant at, Optional<Response> answer) {
        return new WebhookNotice(request.key(), callback, number, request.stateName(), at, answer);
    }

    /** The request after a step, with the next notice due at once if the step has caused one. */
    static Request arising(Request request, Instant now) {
        return request.webhook()
                .filter(webhook -> webhook.dueAt().isEmpty()
                        && all(request, webhook.callback()).size() > webhook.told())
                .map(webhook -> request.withWebhook(Optional.of(webhook.dueAt(now))))
                .orElse(request);
    }

    /** The notice that is due now, if one is. */
    public static Optional<WebhookNotice> due(Request request, Instant now) {
        return next(request)
                .filter(_ -> dueAt(request).filter(at -> !at.isAfter(now)).isPresent());
    }

    /** The next notice, if there is one so far: due, claimed, or put off. */
    public static Optional<WebhookNotice> next(Request request) {
        return request.webhook()
                .filter(webhook -> webhook.dueAt().isPresent())
                .flatMap(webhook -> all(request, webhook.callback()).stream()
                        .skip(webhook.told())
                        .findFirst());
    }

    private static Optional<Instant> dueAt(Request request) {
        return request.webhook().flatMap(WebhookState::dueAt);
    }

    /** The request with the due notice claimed; empty if none is due. */
    public static Optional<Request> claimed(Request request, Instant now) {
        return due(request, now).flatMap(notice -> claimed(request, notice, Optional.empty(), now));
    }

    /**
     * The request with this notice claimed, if it is due, or claimed by the caller until {@code own}: no other claim
     * ends at the same instant. Empty if the notice is somebody else's, or over.
     */
    public static Optional<Request> claimed(Request request, WebhookNotice notice, Optional<Instant> own, Instant now) {
        return request.webhook()
                .filter(_ -> next(request)
                        .filter(next -> next.number() == notice.number())
                        .isPresent())
                .filter(_ -> dueAt(request)
                        .filter(at -> !at.isAfter(now) || own.filter(at::equals).isPresent())
                        .isPresent())
                .map(webhook -> request.withWebhook(Optional.of(webhook.dueAt(now.plus(CLAIM)))));
    }

    /**
     * The request after a failed attempt.
     *
     * @param pause the pause that the receiver has asked for, if any
     */
    public static Request failed(Request request, WebhookNotice notice, Optional<Duration> pause, Instant now) {
        WebhookState webhook = request.webhook().orElseThrow();
        return webhook.told() != notice.number()
                ? request
                : BACKOFF.next(webhook.failures(), pause, now)
                        .map(at -> request.withWebhook(Optional.of(new WebhookState(
                                webhook.callback(), webhook.told(), webhook.failures() + 1, Optional.of(at)))))
                        .orElseGet(() -> over(request, notice, now));
    }

    /** The request after the notice was received or given up; the notice after it, if there is one, is due at once. */
    public static Request over(Request request, WebhookNotice notice, Instant now) {
        WebhookState webhook = request.webhook().orElseThrow();
        return webhook.told() != notice.number()
                ? request
                : arising(
                        request.withWebhook(Optional.of(
                                new WebhookState(webhook.callback(), webhook.told() + 1, 0, Optional.empty()))),
                        now);
    }

    /** The request without further notices: the receiver has answered that it is gone. */
    public static Request abandoned(Request request) {
        return request.withWebhook(Optional.empty());
    }
}
