package dev.harp.relay.http.edge;

import io.helidon.common.socket.PeerInfo;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Optional;

/** The peer's address as it was at accept: asking a socket that has been closed since throws. */
record FixedPeer(SocketAddress address, String host, int port) implements PeerInfo {
    static FixedPeer of(PeerInfo peer) {
        return new FixedPeer(peer.address(), peer.host(), peer.port());
    }

    @Override
    public Optional<Principal> tlsPrincipal() {
        return Optional.empty();
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
        return Optional.empty();
    }
}
