package dev.harp.relay.http.edge;

import dev.harp.relay.limit.SharedBound;
import dev.harp.relay.net.ClientKey;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;

/**
 * Bounds how many requests may be unfinished at once: begun, and their header sections not complete after one read. A
 * usual request comes in one read and is never counted.
 *
 * <p>At most a quarter of the connections may hold one, and a sixteenth those of one peer, so that a few peers that
 * send no end leave places for the others. A peer that is a trusted proxy stands for many clients, and has no share.
 */
final class UnfinishedHeads {
    private static final int LEAST = 32;

    private final int perPeer;
    private final SharedBound<ClientKey> bound;
    private final Predicate<InetAddress> proxy;

    /**
     * @param maxConnections the bound on connections
     * @param proxy whether a peer is a trusted proxy
     */
    UnfinishedHeads(int maxConnections, Predicate<InetAddress> proxy) {
        int most = Math.max(LEAST, maxConnections / 4);
        this.perPeer = Math.max(LEAST / 2, most / 4);
        this.bound = new SharedBound<>(most);
        this.proxy = proxy;
    }

    /** Takes a place for a connection of the peer; false if there is none, or if the peer has its share. */
    boolean enter(InetAddress peer) {
        return bound.take(1, shares(peer)) == SharedBound.Outcome.TAKEN;
    }

    /** Gives the place back. */
    void leave(InetAddress peer) {
        bound.release(1, shares(peer));
    }

    /** How many are unfinished now. */
    long held() {
        return bound.held();
    }

    private List<SharedBound.Share<ClientKey>> shares(InetAddress peer) {
        return proxy.test(peer) ? List.of() : List.of(new SharedBound.Share<>(ClientKey.at(peer), perPeer));
    }
}
