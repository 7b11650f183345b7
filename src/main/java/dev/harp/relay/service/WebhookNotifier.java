package dev.harp.relay.service;

import dev.harp.relay.model.Notice;
import dev.harp.relay.model.Notices;
import dev.harp.relay.model.Request;
import dev.harp.relay.model.RequestKey;
import dev.harp.relay.model.Telling;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.Step;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.webhook.Outcome;
import dev.harp.relay.webhook.Webhooks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells by webhook. What has to be told stands in the request's own record ({@link Notices}); here it is claimed, attempted, and what came
 * of it is stored. Nothing waits in memory: whatever finds no place, or whose relay dies, is due again by its record.
 */
public final class WebhookNotifier implements Notifier {
    private static final Logger LOG = System.getLogger(WebhookNotifier.class.getName());

    private final Webhooks webhooks;
    private final RequestEdits edits;
    private final InstantSource clock;
    private final WebhookListener listener;
    private final Map<RequestKey, Instant> claims = new ConcurrentHashMap<>();

    /** Tells what the store holds. */
    public WebhookNotifier(RelayStore store, Webhooks webhooks, InstantSource clock, WebhookListener listener) {
        this.webhooks = webhooks;
        this.edits = new RequestEdits(store, clock);
        this.clock = clock;
        this.listener = listener;
    }

    /** For a relay that tells nobody: puts off what is due, so that it is left to relays that share the store and tell. */
    public static Notifier postponing(RelayStore store, InstantSource clock) {
        RequestEdits edits = new RequestEdits(store, clock);
        return stored -> {
            if (Notices.due(stored, clock.instant()).isPresent()) {
                var _ = edits.edit(
                        stored.key(),
                        (request, now) -> Step.to(Notices.claimed(request, now.plus(Notices.CLAIM)), now));
            }
        };
    }

    @Override
    public void changed(Request stored) {
        Notices.due(stored, clock.instant()).ifPresent(notice -> {
            // With no room in its lane it stays due, and the reaper puts it off.
            var _ = webhooks.offer(notice, () -> run(notice));
        });
    }

    /** First stored as claimed, then offered: a relay that dies in between leaves a claim that lapses. */
    @Override
    public void settle(Request stored) {
        Optional<Notice> due = Notices.due(stored, clock.instant());
        Optional<Instant> until = due.flatMap(notice -> claimed(notice, Optional.empty()));
        if (until.isEmpty()) {
            return;
        }
        Notice notice = due.get();
        var _ = claims.put(notice.key(), until.get());
        if (webhooks.offer(notice, () -> run(notice)) == Webhooks.Offer.FULL) {
            // It is due again when the claim has lapsed: one write each time, however long the lane stays full.
            var _ = claims.remove(notice.key());
        }
    }

    private void run(Notice first) {
        try {
            Optional<Notice> next = Optional.of(first);
            while (next.isPresent()) {
                Notice notice = next.get();
                next = Optional.empty();
                if (claimed(notice, Optional.ofNullable(claims.remove(notice.key())))
                        .isPresent()) {
                    Outcome outcome = webhooks.tell(notice);
                    if (!(outcome instanceof Outcome.Stopped)) {
                        next = told(notice, outcome).flatMap(after -> Notices.due(after, clock.instant()));
                    }
                }
            }
        } catch (StoreUnavailable _) {
            // The claim lapses, and the notice is due again.
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a webhook failed inside the relay", e);
        }
    }

    /**
     * Claims the notice for this relay, if it is due, or still this relay's by an earlier claim: nobody else's claim ends at that very moment.
     *
     * @return until when it is this relay's; empty if it is somebody else's, or over
     */
    private Optional<Instant> claimed(Notice notice, Optional<Instant> earlier) {
        return edits.edit(notice.key(), (request, now) -> {
                    boolean mine = Notices.next(request).filter(notice::equals).isPresent()
                            && request.telling()
                                    .flatMap(Telling::dueAt)
                                    .filter(at -> !at.isAfter(now)
                                            || earlier.filter(at::equals).isPresent())
                                    .isPresent();
                    Instant until = now.plus(Notices.CLAIM);
                    return mine
                            ? Step.to(Notices.claimed(request, until), Optional.of(until))
                            : new Step<Request, Optional<Instant>>(Optional.of(request), Optional.empty());
                })
                .flatMap(until -> until);
    }

    private Optional<Request> told(Notice notice, Outcome outcome) {
        listener.attempted(notice, outcome);
        return edits.edit(notice.key(), (request, now) -> {
            if (request.telling().isEmpty()) {
                return new Step<>(Optional.of(request), request);
            }
            Request after = switch (outcome) {
                case Outcome.Received _ -> Notices.over(request, notice, now);
                case Outcome.Failed(var _, Optional<Duration> pause) -> Notices.failed(request, notice, pause, now);
                case Outcome.Gone _ -> Notices.abandoned(request);
                case Outcome.Stopped _ -> request;
            };
            return Step.to(after, after);
        });
    }
}
