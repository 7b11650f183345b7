package dev.harp.relay.service;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.store.RelayStore;
import java.util.Optional;

/**
 * Tells who holds a token.
 *
 * <p>The index is searched by the token's SHA-256, of which a caller controls no bit that would help to find another; what it
 * finds is compared in constant time.
 */
public final class Authenticator {
    private final RelayStore store;

    /** Looks tokens up in the store. */
    public Authenticator(RelayStore store) {
        this.store = store;
    }

    /** Who holds the token, if anyone does. */
    public Optional<Caller> caller(Token token) {
        if (token.isPlatform()) {
            Sha256 digest = token.digest();
            return store.pairingByToken(digest)
                    .filter(pairing -> pairing.token().equals(digest))
                    .map(Pairing::id)
                    .map(Caller.Platform::new);
        }
        if (token.isDevice()) {
            Sha256 digest = token.digest();
            return store.deviceByToken(digest)
                    .filter(device -> device.token().equals(digest))
                    .map(Device::id)
                    .map(Caller.Device::new);
        }
        return Optional.empty();
    }
}
