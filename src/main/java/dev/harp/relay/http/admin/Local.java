package dev.harp.relay.http.admin;

import dev.harp.relay.http.api.Reply;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetSocketAddress;

/**
 * Who may change something on the admin listener: clients on this machine, because the listener may be open to a
 * monitoring system, which need not.
 */
final class Local {
    private Local() {}

    /** Whether the call comes from this machine, and from no web page. */
    static boolean isOperator(ServerRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress peer
                && peer.getAddress().isLoopbackAddress()
                && !byWebPage(request);
    }

    /**
     * A page whose name has been made to resolve to the loopback address (DNS rebinding) has the same origin, so its
     * script may send anything; but browsers send an {@code Origin} with every method except GET and HEAD (the Fetch
     * Standard, section 3.1).
     */
    private static boolean byWebPage(ServerRequest request) {
        return request.headers().contains(HeaderNames.ORIGIN);
    }

    static Reply refused(String detail) {
        return Reply.problem(Refusal.of(ErrorCode.NOT_FOUND, detail));
    }
}
