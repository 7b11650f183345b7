package dev.harp.relay.service;

import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.store.RelayStore;
import java.util.Optional;

/**
 * Finds the holder of a token.
 *
 * <p>The index is searched by the token's SHA-256, whose bits a caller cannot choose, so the time of the search reveals
 * nothing about other tokens. The digest that was found is compared in constant time.
 */
public final class Authenticator {
    private final RelayStore store;

    public Authenticator(RelayStore store) {
        this.store = store;
    }

    /** The holder of the token; empty if it has none. */
    public Optional<Caller> caller(Token token) {
        Sha256 digest = token.digest();
        if (token.isPlatform()) {
            return store.pairingByToken(digest)
                    .filter(pairing -> pairing.token().equals(digest))
                    .map(pairing -> new Caller.Platform(pairing.id(), digest));
        }
        if (token.isDevice()) {
            return store.deviceByToken(digest)
                    .filter(device -> device.token().equals(digest))
                    .map(device -> new Caller.Device(device.id(), digest));
        }
        return Optional.empty();
    }
}
