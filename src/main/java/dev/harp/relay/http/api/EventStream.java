package dev.harp.relay.http.api;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.service.ClientGone;
import dev.harp.relay.service.EventSubscription;
import dev.harp.relay.service.NoRoom;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerResponse;
import java.io.UncheckedIOException;
import java.util.function.BiConsumer;

/**
 * An event stream as an answer, written by the call's own thread as long as the stream lasts.
 *
 * <p>It does not use Helidon's sink for server-sent events: a failed write has to end the connection silently, and the
 * thread has to wait for the subscription and for nothing else. While it waits the connection has no deadline; each
 * write has one. The connection ends with the stream, so that a client reconnects, possibly to another relay.
 *
 * @param live the subscription
 * @param writer writes one update
 * @param memory of the update that is being written
 * @param <T> an update
 */
record EventStream<T>(EventSubscription<T> live, BiConsumer<T, EventWriter> writer, Allowance memory) {
    private static final Header CONTENT_TYPE = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "text/event-stream");

    /** Turns nginx's buffering of the answer off, whatever its configuration. */
    private static final Header UNBUFFERED = HeaderValues.createCached("X-Accel-Buffering", "no");

    private static final long RETRY_MILLIS = 2000;

    void send(ServerResponse response) {
        try (live) {
            response.header(CONTENT_TYPE).header(UNBUFFERED).header(HeaderValues.CONNECTION_CLOSE);
            EventWriter out = new EventWriter(response.outputStream());
            out.retry(RETRY_MILLIS);
            out.flush();
            while (next(out)) {
                out.flush();
                memory.close();
            }
            out.flush();
        } catch (UncheckedIOException | ClientGone e) {
            throw new CloseConnectionException("the client has gone", e);
        }
    }

    /**
     * Writes the next item; false if it is the last. Without memory for it the client comes again, and gets it then.
     */
    private boolean next(EventWriter out) {
        EventSubscription.Next<T> next;
        try {
            next = live.next();
        } catch (NoRoom _) {
            out.comment(" the relay has no memory for the next event: come again");
            return false;
        }
        return write(next, out);
    }

    /** Writes one item; false if it is the last. */
    private boolean write(EventSubscription.Next<T> next, EventWriter out) {
        switch (next) {
            case EventSubscription.Update<T>(T update) -> writer.accept(update, out);
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
