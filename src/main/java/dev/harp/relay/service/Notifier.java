package dev.harp.relay.service;

import dev.harp.relay.model.Request;

/** Tells platforms what becomes of their requests. */
public interface Notifier {
    /** Tells nobody anything. */
    Notifier NONE = new Notifier() {
        @Override
        public void changed(Request stored) {}

        @Override
        public void settle(Request stored) {}
    };

    /** A request was stored, and there may be something to tell now. Returns at once, and must not throw. */
    void changed(Request stored);

    /**
     * A request is due. When this returns, it is not any more: either somebody is about to tell, or it is put off.
     *
     * @throws dev.harp.relay.store.StoreUnavailable if that could not be stored
     */
    void settle(Request stored);
}
