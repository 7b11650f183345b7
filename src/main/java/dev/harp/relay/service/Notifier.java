package dev.harp.relay.service;

import dev.harp.relay.protocol.Request;
import java.util.List;

/** Calls out for requests: tells platforms what becomes of them, or wakes devices for them. */
public interface Notifier {
    /** One that calls nobody. */
    static Notifier none() {
        return all(List.of());
    }

    /** One that does what all of these do, in this order. */
    static Notifier all(List<Notifier> notifiers) {
        List<Notifier> each = List.copyOf(notifiers);
        return new Notifier() {
            @Override
            public void submitted(Request stored) {
                each.forEach(notifier -> notifier.submitted(stored));
            }

            @Override
            public void changed(Request stored) {
                each.forEach(notifier -> notifier.changed(stored));
            }

            @Override
            public void settle(Request stored) {
                each.forEach(notifier -> notifier.settle(stored));
            }
        };
    }

    /** A new request was stored. Returns at once, and must not throw. */
    default void submitted(Request stored) {}

    /** A request was stored, and there may be something to tell now. Returns at once, and must not throw. */
    default void changed(Request stored) {}

    /**
     * A request is due. When this returns, it is not any more on this notifier's account: either somebody is about to call, or it is put off.
     *
     * @throws dev.harp.relay.store.StoreUnavailable if that could not be stored
     */
    void settle(Request stored);
}
