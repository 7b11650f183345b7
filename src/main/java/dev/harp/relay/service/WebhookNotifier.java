package dev.harp.relay.service;

import dev.harp.relay.model.Notice;
import dev.harp.relay.model.Notices;
import dev.harp.relay.model.Request;
import dev.harp.relay.model.RequestKey;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.Step;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.Stored;
import dev.harp.relay.webhook.Outcome;
import dev.harp.relay.webhook.Webhooks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Tells by webhook. What has to be told stands in the request's own record ({@link Notices}); here it is claimed, attempted, and what came
 * of it is stored. Nothing waits in memory: whatever finds no place, or whose relay dies, is due again by its record.
 */
public final class WebhookNotifier implements Notifier {
    private static final Logger LOG = System.getLogger(WebhookNotifier.class.getName());
    private static final Duration BUSY = Duration.ofSeconds(2);

    private final RelayStore store;
    private final Webhooks webhooks;
    private final InstantSource clock;
    private final WebhookListener listener;

    /** Tells what the store holds. */
    public WebhookNotifier(RelayStore store, Webhooks webhooks, InstantSource clock, WebhookListener listener) {
        this.store = store;
        this.webhooks = webhooks;
        this.clock = clock;
        this.listener = listener;
    }

    @Override
    public void changed(Request stored) {
        Notices.due(stored, clock.instant())
                .ifPresent(notice -> webhooks.place(notice).ifPresent(place -> start(notice, place, false)));
    }

    @Override
    public void settle(Request stored) {
        Optional<Notice> due = Notices.due(stored, clock.instant());
        if (due.isEmpty()) {
            return;
        }
        Optional<Webhooks.Place> place = webhooks.place(due.get());
        if (place.isEmpty()) {
            var _ = claimed(due.get(), BUSY);
            return;
        }
        boolean mine = false;
        try {
            mine = claimed(due.get(), Notices.CLAIM);
        } finally {
            if (!mine) {
                place.get().close();
            }
        }
        if (mine) {
            start(due.get(), place.get(), true);
        }
    }

    private void start(Notice notice, Webhooks.Place place, boolean claimed) {
        Thread.ofVirtual().name("webhook").start(() -> {
            Optional<Request> after = Optional.empty();
            try (place) {
                if (claimed || claimed(notice, Notices.CLAIM)) {
                    after = told(notice, place.tell(notice));
                }
            } catch (StoreUnavailable _) {
                // The claim lapses, and the notice is due again.
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a webhook failed inside the relay", e);
            }
            after.ifPresent(this::changed);
        });
    }

    /** Whether the notice was still due, and is this relay's now for the given time. */
    private boolean claimed(Notice notice, Duration time) {
        return changed(notice.key(), (request, now) -> {
                    boolean due = Notices.due(request, now)
                            .filter(next -> next.number() == notice.number())
                            .isPresent();
                    return new Step<>(Optional.of(due ? Notices.claimed(request, now.plus(time)) : request), due);
                })
                .orElse(false);
    }

    private Optional<Request> told(Notice notice, Outcome outcome) {
        listener.attempted(notice, outcome);
        return changed(notice.key(), (request, now) -> {
            if (request.telling().isEmpty()) {
                return new Step<>(Optional.of(request), request);
            }
            Request after = switch (outcome) {
                case Outcome.Received _ -> Notices.over(request, notice, now);
                case Outcome.Failed(var _, Optional<Duration> pause) -> Notices.failed(request, notice, pause, now);
                case Outcome.Gone _ -> Notices.abandoned(request);
            };
            return Step.to(after, after);
        });
    }

    /** Empty if there is no such request any more. */
    private <R> Optional<R> changed(RequestKey key, BiFunction<Request, Instant, Step<Request, R>> rule) {
        Optional<Stored<Optional<R>>> stored = store.changeRequest(
                key,
                (_, request, _) -> request.map(known -> {
                            Step<Request, R> step = rule.apply(known, clock.instant());
                            return new Step<>(step.after(), Optional.of(step.answer()));
                        })
                        .orElseGet(() -> new Step<>(Optional.empty(), Optional.empty())));
        return stored.flatMap(outcome -> switch (outcome) {
            case Stored.Done<Optional<R>>(Optional<R> answer) -> answer;
            case Stored.Full<Optional<R>> _ -> Optional.empty();
        });
    }
}
