package dev.harp.relay.http.edge;

import io.helidon.common.Size;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.util.List;

/**
 * HTTP/1.1 as strict as it gets, and what hears of each call.
 *
 * <p>Written out, because Helidon's builder begins with a default size as a text, for which Java computes all powers of ten up to a length that no
 * size has: a tenth of the relay's start.
 *
 * @param compositeReceiveListener hears of what was read
 * @param compositeSendListener hears of what is written
 * @param requestedUriDiscovery which URI a client meant; the relay does not ask
 * @param maxBufferedEntitySize bytes of a body that is buffered; the relay reads bodies itself
 */
record StrictHttp1(
        Http1ConnectionListener compositeReceiveListener,
        Http1ConnectionListener compositeSendListener,
        RequestedUriDiscoveryContext requestedUriDiscovery,
        Size maxBufferedEntitySize)
        implements Http1Config {

    StrictHttp1(Http1ConnectionListener received, Http1ConnectionListener sent) {
        this(
                received,
                sent,
                RequestedUriDiscoveryContext.builder()
                        .socketId(WebServer.DEFAULT_SOCKET_NAME)
                        .build(),
                Size.create(64, Size.Unit.KIB));
    }

    @Override
    public String name() {
        return WebServer.DEFAULT_SOCKET_NAME;
    }

    @Override
    public int maxPrologueLength() {
        return GuardedListener.MAX_REQUEST_LINE;
    }

    @Override
    public int maxHeadersSize() {
        return GuardedListener.MAX_HEADERS;
    }

    @Override
    public boolean validateRequestHeaders() {
        return true;
    }

    @Override
    @SuppressWarnings("removal")
    public boolean validateRequestHostHeader() {
        return true;
    }

    @Override
    public boolean validateResponseHeaders() {
        return true;
    }

    @Override
    public boolean validatePath() {
        return true;
    }

    @Override
    public boolean validatePrologue() {
        return true;
    }

    @Override
    public boolean sendKeepAliveHeader() {
        return true;
    }

    @Override
    public boolean continueImmediately() {
        return false;
    }

    @Override
    public List<Http1ConnectionListener> receiveListeners() {
        return List.of(compositeReceiveListener);
    }

    @Override
    public List<Http1ConnectionListener> sendListeners() {
        return List.of(compositeSendListener);
    }

    /** Helidon's: headers, so credentials, at the level of DEBUG. */
    @Override
    @SuppressWarnings("removal")
    public boolean receiveLog() {
        return false;
    }

    /** As {@link #receiveLog}. */
    @Override
    @SuppressWarnings("removal")
    public boolean sendLog() {
        return false;
    }
}
