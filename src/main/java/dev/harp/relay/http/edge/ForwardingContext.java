package dev.harp.relay.http.edge;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * What Helidon knows of a connection, but for the peer's address: asking a socket that has been closed since throws.
 */
abstract class ForwardingContext implements ConnectionContext {
    private final ConnectionContext helidon;
    private final PeerInfo remotePeer;

    ForwardingContext(ConnectionContext helidon) {
        this.helidon = helidon;
        this.remotePeer = FixedPeer.of(helidon.remotePeer());
    }

    /** The peer's address as it was at accept. */
    private record FixedPeer(SocketAddress address, String host, int port) implements PeerInfo {
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

    @Override
    public PeerInfo remotePeer() {
        return remotePeer;
    }

    @Override
    public PeerInfo localPeer() {
        return helidon.localPeer();
    }

    @Override
    public ListenerContext listenerContext() {
        return helidon.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return helidon.executor();
    }

    @Override
    public Router router() {
        return helidon.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return helidon.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return helidon.serverSocket();
    }

    @Override
    public boolean isSecure() {
        return helidon.isSecure();
    }

    @Override
    public String socketId() {
        return helidon.socketId();
    }

    @Override
    public String childSocketId() {
        return helidon.childSocketId();
    }
}
