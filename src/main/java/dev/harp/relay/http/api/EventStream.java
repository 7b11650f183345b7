package dev.harp.relay.http.api;

import dev.harp.relay.service.EventSubscription;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;
import java.util.function.BiConsumer;

/**
 * A stream of events as an answer, written by the call's own thread for as long as the stream lasts.
 *
 * <p>Plain output, and not Helidon's sink for server-sent events: each write passes through the connection's guard either way, but a failed one is to
 * end the connection without a word, and the thread has to wait on the stream's place and on nothing else. While it waits the connection has no deadline;
 * each write has one. The connection ends with the stream, so that a client comes back on a new one, wherever that leads.
 *
 * @param live the stream
 * @param writer writes one piece of news
 * @param <T> what is told at once
 */
record EventStream<T>(EventSubscription<T> live, BiConsumer<T, EventWriter> writer) {
    private static final Header CONTENT_TYPE = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/event-stream");

    /** Tells nginx not to collect the answer, whatever it is configured to do. */
    private static final Header UNBUFFERED = HeaderValues.createCached("X-Accel-Buffering", "no");

    private static final long RETRY_MILLIS = 2000;

    /** Begins, tells, and ends. */
    void send(ServerResponse response) {
        try (live) {
            response.header(CONTENT_TYPE).header(UNBUFFERED).header(HeaderValues.CONNECTION_CLOSE);
            EventWriter out = new EventWriter(response.outputStream());
            out.retry(RETRY_MILLIS);
            out.flush();
            while (tell(live.next(), out)) {
                out.flush();
            }
            out.flush();
        } catch (UncheckedIOException e) {
            throw new CloseConnectionException("the client has gone", e);
        }
    }

    /** Whether something comes after it. */
    private boolean tell(EventSubscription.Next<T> next, EventWriter out) {
        switch (next) {
            case EventSubscription.Update<T>(T news) -> writer.accept(news, out);
            case EventSubscription.Heartbeat<T> _ -> out.comment("");
            case EventSubscription.Ended<T>(EventSubscription.Reason reason) -> {
                out.comment(
                        switch (reason) {
                            case ENDED -> " over";
                            case TIME -> " come again";
                            case DISPLACED -> " a newer call has taken this one's place";
                            case DRAINING -> " the relay is shutting down";
                        });
                return false;
            }
        }
        return true;
    }
}
