package dev.harp.relay.service;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.WebhookNotice;
import dev.harp.relay.protocol.WebhookSchedule;
import dev.harp.relay.protocol.WebhookState;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.webhook.WebhookOutcome;
import dev.harp.relay.webhook.WebhookSender;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells by webhook. What has to be told stands in the request's own record ({@link WebhookSchedule}); here it is claimed, attempted, and what came
 * of it is stored. Nothing waits in memory: whatever finds no place, or whose relay dies, is due again by its record.
 */
public final class WebhookNotifier implements Notifier {
    private static final Logger LOG = System.getLogger(WebhookNotifier.class.getName());

    private final WebhookSender webhooks;
    private final RequestEdits edits;
    private final InstantSource clock;
    private final WebhookListener listener;
    private final Map<RequestKey, Instant> claims = new ConcurrentHashMap<>();

    /** Tells what the store holds. */
    public WebhookNotifier(RelayStore store, WebhookSender webhooks, InstantSource clock, WebhookListener listener) {
        this.webhooks = webhooks;
        this.edits = new RequestEdits(store, clock);
        this.clock = clock;
        this.listener = listener;
    }

    /** For a relay that tells nobody: puts off what is due, so that it is left to relays that share the store and tell. */
    public static Notifier postponing(RelayStore store, InstantSource clock) {
        RequestEdits edits = new RequestEdits(store, clock);
        return stored -> {
            if (WebhookSchedule.due(stored, clock.instant()).isPresent()) {
                var _ = edits.edit(
                        stored.key(),
                        (request, now) ->
                                Change.to(WebhookSchedule.claimed(request, now.plus(WebhookSchedule.CLAIM)), now));
            }
        };
    }

    @Override
    public void changed(Request stored) {
        WebhookSchedule.due(stored, clock.instant()).ifPresent(notice -> {
            // With no room in its lane it stays due, and the reaper puts it off.
            var _ = webhooks.offer(notice, () -> run(notice));
        });
    }

    /** First stored as claimed, then offered: a relay that dies in between leaves a claim that lapses. */
    @Override
    public void settle(Request stored) {
        Optional<WebhookNotice> due = WebhookSchedule.due(stored, clock.instant());
        Optional<Instant> until = due.flatMap(notice -> claimed(notice, Optional.empty()));
        if (until.isEmpty()) {
            return;
        }
        WebhookNotice notice = due.get();
        var _ = claims.put(notice.key(), until.get());
        if (webhooks.offer(notice, () -> run(notice)) == WebhookSender.Offer.FULL) {
            // It is due again when the claim has lapsed: one write each time, however long the lane stays full.
            var _ = claims.remove(notice.key());
        }
    }

    private void run(WebhookNotice first) {
        try {
            Optional<WebhookNotice> next = Optional.of(first);
            while (next.isPresent()) {
                WebhookNotice notice = next.get();
                next = Optional.empty();
                if (claimed(notice, Optional.ofNullable(claims.remove(notice.key())))
                        .isPresent()) {
                    WebhookOutcome outcome = webhooks.tell(notice);
                    if (!(outcome instanceof WebhookOutcome.Stopped)) {
                        next = told(notice, outcome).flatMap(after -> WebhookSchedule.due(after, clock.instant()));
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
    private Optional<Instant> claimed(WebhookNotice notice, Optional<Instant> earlier) {
        return edits.edit(notice.key(), (request, now) -> {
                    boolean mine =
                            WebhookSchedule.next(request).filter(notice::equals).isPresent()
                                    && request.webhook()
                                            .flatMap(WebhookState::dueAt)
                                            .filter(at -> !at.isAfter(now)
                                                    || earlier.filter(at::equals)
                                                            .isPresent())
                                            .isPresent();
                    Instant until = now.plus(WebhookSchedule.CLAIM);
                    return mine
                            ? Change.to(WebhookSchedule.claimed(request, until), Optional.of(until))
                            : new Change<Request, Optional<Instant>>(Optional.of(request), Optional.empty());
                })
                .flatMap(until -> until);
    }

    private Optional<Request> told(WebhookNotice notice, WebhookOutcome outcome) {
        listener.attempted(notice, outcome);
        return edits.edit(notice.key(), (request, now) -> {
            if (request.webhook().isEmpty()) {
                return new Change<>(Optional.of(request), request);
            }
            Request after = switch (outcome) {
                case WebhookOutcome.Received _ -> WebhookSchedule.over(request, notice, now);
                case WebhookOutcome.Failed(var _, Optional<Duration> pause) ->
                    WebhookSchedule.failed(request, notice, pause, now);
                case WebhookOutcome.Gone _ -> WebhookSchedule.abandoned(request);
                case WebhookOutcome.Stopped _ -> request;
            };
            return Change.to(after, after);
        });
    }
}
