package dev.harp.relay.delivery;

import dev.harp.relay.log.Event;
import dev.harp.relay.push.VapidKeys;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.StoreUnavailable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The key pair for Web Push that the relays on a store share: made by the first of them that needs it.
 *
 * <p>The store is asked each time. If it has lost the pair, it gets the one that this relay has used so far, so that
 * the applications that have subscribed with it remain subscribed. During an outage of the store the last known pair is
 * used.
 */
public final class StoredVapidKeys implements Supplier<Optional<VapidKeys>> {
    private static final Logger LOG = System.getLogger(StoredVapidKeys.class.getName());

    private final RelayStore store;
    private final AtomicBoolean reported = new AtomicBoolean();
    private volatile Optional<VapidKeys> known = Optional.empty();

    /** Asks the store for nothing yet. */
    public StoredVapidKeys(RelayStore store) {
        this.store = store;
    }

    /** The pair; empty if the store is unavailable and has been since the start, or if what it has is no pair. */
    @Override
    public Optional<VapidKeys> get() {
        VapidKeys proposed = known.orElseGet(VapidKeys::generate);
        try {
            String stored = store.secret(StoreSecret.VAPID, proposed.text());
            known = stored.equals(proposed.text()) ? Optional.of(proposed) : VapidKeys.parse(stored);
        } catch (StoreUnavailable _) {
            return known;
        }
        if (known.isEmpty() && reported.compareAndSet(false, true)) {
            Event.of("store_corrupt", "the key pair of Web Push in the store is damaged; no Web Push is sent")
                    .with("key", "vapid")
                    .to(LOG, Level.ERROR);
        }
        return known;
    }
}
