package dev.harp.relay.delivery;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.store.StoreUnavailable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Delivers what becomes of requests to somebody outside.
 *
 * <p>The state of a delivery is part of the request's record: how many attempts have failed, and when the next is due.
 * An attempt is claimed first, by moving its due time to when another relay may take over, and the store allows one of
 * several relays to do so. Then the attempt is made, and its outcome is stored. Nothing waits in memory only: what
 * finds no place, or whose relay dies, is due again when its claim has lapsed. So a delivery is attempted at least
 * once, and twice only if a relay dies in between.
 */
public class Delivery {
    private static final Logger LOG = System.getLogger(Delivery.class.getName());

    private final RelayStore store;
    private final InstantSource clock;
    private final Rule claim;

    /** A change of a request's record; pure. */
    @FunctionalInterface
    public interface Rule {
        /** The request after the change at the given time; empty if the rule does not apply. */
        Optional<Request> apply(Request request, Instant now);
    }

    /**
     * Delivers what the store holds. By itself this is a delivery that is switched off: it claims what is due, and so
     * leaves it to relays that share the store.
     *
     * @param claim claims the attempt that is due
     */
    public Delivery(RelayStore store, InstantSource clock, Rule claim) {
        this.store = store;
        this.clock = clock;
        this.claim = claim;
    }

    /** A new request was stored. Returns at once, and does not throw. */
    public void submitted(Request stored) {}

    /** A request was stored, and something may be due now. Returns at once, and does not throw. */
    public void changed(Request stored) {}

    /**
     * Claims and begins the attempt that is due, if one is. Afterwards nothing is due until the claim lapses.
     *
     * @throws StoreUnavailable if the claim could not be stored
     */
    public final void settle(Request stored) {
        if (claim.apply(stored, now()).isPresent()) {
            change(stored.key(), claim).ifPresent(this::attempt);
        }
    }

    /** Begins an attempt that has been claimed. Returns at once. */
    void attempt(Request claimed) {}

    /** Stores what the rule makes of the request; empty if it does not apply, or there is no such request any more. */
    final Optional<Request> change(RequestKey key, Rule rule) {
        return store.changeRequest(key, (_, request, _) -> {
                    Optional<Request> changed = request.flatMap(known -> rule.apply(known, now()));
                    return new Change<>(changed.or(() -> request), changed);
                })
                .flatMap(StoreResult::done)
                .flatMap(changed -> changed);
    }

    final Instant now() {
        return clock.instant();
    }

    /** Runs a part of an attempt on its own thread, where nobody else would handle its failure. */
    static void run(Runnable work) {
        try {
            work.run();
        } catch (StoreUnavailable _) {
            // The claim lapses, and the attempt is due again.
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a delivery failed inside the relay", e);
        }
    }
}
