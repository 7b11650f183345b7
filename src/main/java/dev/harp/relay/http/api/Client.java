package dev.harp.relay.http.api;

import dev.harp.relay.net.ClientAddress;
import dev.harp.relay.net.ClientKey;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where a request comes from.
 *
 * @param address the client's address, of which a trusted proxy's {@code X-Forwarded-For} is believed
 * @param forwarded what became of an {@code X-Forwarded-For}
 */
record Client(InetAddress address, Forwarded forwarded) {
    private static final HeaderName FORWARDED_FOR = HeaderNames.create("X-Forwarded-For");

    enum Forwarded {
        NONE,
        USED,
        IGNORED
    }

    static Client of(ServerRequest request, ClientAddress clients) {
        InetAddress peer = ((InetSocketAddress) request.remotePeer().address()).getAddress();
        if (!request.headers().contains(FORWARDED_FOR)) {
            return new Client(peer, Forwarded.NONE);
        }
        return new Client(
                clients.of(peer, request.headers().values(FORWARDED_FOR)),
                clients.trusts(peer) ? Forwarded.USED : Forwarded.IGNORED);
    }

    /** What rate limits and throttles count by. */
    ClientKey key() {
        return ClientKey.at(address);
    }
}
