package dev.harp.relay.service;

import dev.harp.relay.limit.Toll;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.store.Admitted;
import dev.harp.relay.store.Ahead;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.WaitingRoom;
import java.util.Optional;

/**
 * Finds the holder of a token.
 *
 * <p>The index is searched by the token's SHA-256, whose bits a caller cannot choose, so the time of the search reveals
 * nothing about other tokens. The digest that was found is compared in constant time.
 */
public final class Authenticator {
    private final RelayStore store;
    private final WaitingRoom room;

    /** @param room where the calls of the callers wait */
    public Authenticator(RelayStore store, WaitingRoom room) {
        this.store = store;
        this.room = room;
    }

    /** The holder of the token; empty if it has none. */
    public Optional<Caller> caller(Token token) {
        return caller(Toll.FREE, token, new Ahead.Nothing()).result();
    }

    /**
     * The holder of the token, of whom a call is taken from a limit first; empty if it has none, or if the limit has
     * refused the call.
     *
     * @param ahead what the call will ask for next
     */
    public Admitted<Caller> caller(Toll toll, Token token, Ahead ahead) {
        Sha256 digest = token.digest();
        // Before the store is read: what changes later, and may not have been read, is signalled later.
        long mark = room.mark();
        if (token.isPlatform()) {
            return store.pairingByToken(toll, digest, ahead)
                    .filter(found -> found.record().token().equals(digest))
                    .<Caller>map(found ->
                            new Caller.Platform(found.record().id(), digest, new Caller.Start(found.seen(), mark)));
        }
        if (token.isDevice()) {
            return store.deviceByToken(toll, digest, ahead)
                    .filter(found -> found.record().token().equals(digest))
                    .<Caller>map(found ->
                            new Caller.Device(found.record().id(), digest, new Caller.Start(found.seen(), mark)));
        }
        return new Admitted<>(toll.take(), Optional.empty());
    }
}
