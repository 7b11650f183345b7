package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules of webhooks, pure ({@code docs/protocol.md}, section 7.11): what a platform is to be told of its request, in which order, and when
 * the next attempt is due.
 *
 * <p>What there is to tell follows from the request alone: that it was read, if it was, and how it ended. So the record keeps a
 * number, and no queue. Whoever is about to tell first moves {@code dueAt} to when somebody else may take over; of two that try, the store lets
 * one. If that one dies the time passes and the notice is due again: it is told at least once, and twice only then.
 */
public final class WebhookSchedule {
    /** How many times one notice is tried. */
    public static final int ATTEMPTS = 3;

    /** From one attempt's failure to the next attempt. */
    public static final Duration BETWEEN = Duration.ofSeconds(5);

    /** The longest time that a receiver may ask to be left alone for. */
    public static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** How long whoever is about to tell has for it before it counts as dead: more than one attempt may take. */
    public static final Duration CLAIM = Duration.ofSeconds(30);

    private WebhookSchedule() {}

    /** All that there is to tell by now, in the order in which it is told. */
    private static List<WebhookNotice> all(Request request, Callback callback) {
        List<WebhookNotice> notices = new ArrayList<>(2);
        request.deliveredAt()
                .ifPresent(at ->
                        notices.add(new WebhookNotice(request.key(), callback, 0, "delivered", at, Optional.empty())));
        switch (request.state()) {
            case Request.Open _ -> {}
            case Request.Responded(Response answer, Instant at) ->
                notices.add(end(request, callback, notices.size(), at, Optional.of(answer)));
            case Request.Expired _ ->
                notices.add(end(request, callback, notices.size(), request.expiresAt(), Optional.empty()));
            case Request.Cancelled(Instant at) ->
                notices.add(end(request, callback, notices.size(), at, Optional.empty()));
        }
        return notices;
    }

    private static WebhookNotice end(
            Request request, Callback callback, int number, Instant at, Optional<Response> answer) {
        return new WebhookNotice(request.key(), callback, number, request.stateName(), at, answer);
    }

    /** The request after a step, with the next notice due at once if that step has made one. */
    static Request arising(Request request, Instant now) {
        return request.webhook()
                .filter(webhook -> webhook.dueAt().isEmpty()
                        && all(request, webhook.callback()).size() > webhook.told())
                .map(webhook -> request.webhook(webhook.dueAt(now)))
                .orElse(request);
    }

    /** The notice that is to be told now, if one is. */
    public static Optional<WebhookNotice> due(Request request, Instant now) {
        return next(request)
                .filter(_ -> request.webhook()
                        .flatMap(WebhookState::dueAt)
                        .filter(at -> !at.isAfter(now))
                        .isPresent());
    }

    /** The notice that comes next, if there is one by now: due, or somebody's who is about to tell it, or put off. */
    public static Optional<WebhookNotice> next(Request request) {
        return request.webhook()
                .filter(webhook -> webhook.dueAt().isPresent())
                .flatMap(webhook -> all(request, webhook.callback()).stream()
                        .skip(webhook.told())
                        .findFirst());
    }

    /** The request, somebody being about to tell its notice until the given time, if it has one to tell. */
    public static Request claimed(Request request, Instant until) {
        return request.webhook()
                .filter(webhook -> webhook.dueAt().isPresent())
                .map(webhook -> request.webhook(webhook.dueAt(until)))
                .orElse(request);
    }

    /**
     * The request after an attempt has failed.
     *
     * @param pause for how long the receiver has asked to be left alone, if it has
     */
    public static Request failed(Request request, WebhookNotice notice, Optional<Duration> pause, Instant now) {
        WebhookState webhook = request.webhook().orElseThrow();
        if (webhook.told() != notice.number()) {
            return request;
        }
        if (webhook.failures() + 1 >= ATTEMPTS) {
            return over(request, notice, now);
        }
        Duration wait = pause.filter(asked -> asked.compareTo(BETWEEN) > 0)
                .map(asked -> asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked)
                .orElse(BETWEEN);
        return request.webhook(new WebhookState(
                webhook.callback(), webhook.told(), webhook.failures() + 1, Optional.of(now.plus(wait))));
    }

    /** The request, the notice having been received or given up; the one after it, if there is one, is due at once. */
    public static Request over(Request request, WebhookNotice notice, Instant now) {
        WebhookState webhook = request.webhook().orElseThrow();
        return webhook.told() != notice.number()
                ? request
                : arising(
                        request.webhook(new WebhookState(webhook.callback(), webhook.told() + 1, 0, Optional.empty())),
                        now);
    }

    /** The request, none of whose notices is told any more: the receiver has said that it is gone for good. */
    public static Request abandoned(Request request) {
        return request.withoutTelling();
    }
}
