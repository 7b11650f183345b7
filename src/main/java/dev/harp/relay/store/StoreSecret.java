package dev.harp.relay.store;

import java.util.Locale;

/** A secret that the relays on a store have in common. The first of them that needs it makes it. */
public enum StoreSecret {
    /** The key pair for Web Push, as text. */
    VAPID,
    /** The key under which networks get their names: see {@link dev.harp.relay.protocol.Opener}. */
    OPENERS;

    /** The name in files and in Redis. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
