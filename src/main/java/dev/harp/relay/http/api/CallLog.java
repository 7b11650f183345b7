package dev.harp.relay.http.api;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.limit.InFlight;
import dev.harp.relay.log.Event;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.ClientAddress;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.service.Caller;
import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Reports each finished call: as an event {@code http_call} in the log, and to the {@link CallListener}.
 *
 * <p>It is the public listener's first handler, and so also refuses what no route may see. A filter would do the same,
 * but would stay, with six frames of Helidon's, on the stack that a waiting call keeps.
 *
 * <p>The event holds what the relay made of a call and no text of the client's: the route instead of the path, the
 * method if it is a known one, ids only if the caller's token was valid and they have the form of ids. No query, no
 * header field.
 *
 * <p>The entry of a call is in the request's context, where the routes and the error handler find it. With it is the
 * memory that the call takes for large messages; {@link Router} gives it back.
 */
record CallLog(
        ClientAddress clients,
        AddressFormat format,
        InFlight<ClientKey> inFlight,
        CallListener listener,
        Cors cors,
        LongSupplier nanoTime)
        implements Handler {
    /** The route of a path that is not served. */
    static final String UNMATCHED = "unmatched";

    private static final Logger LOG = System.getLogger(CallLog.class.getName());
    private static final String OTHER_METHOD = "other";
    private static final Set<Method> METHODS =
            Set.of(Method.GET, Method.HEAD, Method.POST, Method.PUT, Method.PATCH, Method.DELETE, Method.OPTIONS);

    /** The entry of this call, if its listener has a log. */
    static Optional<Entry> entry(ServerRequest request) {
        return request.context().get(Entry.class);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Client client = Client.of(request, clients);
        Entry entry = new Entry(client, inFlight.of(client.key()), nanoTime);
        request.context().register(entry);
        response.whenSent(() -> end(request, response, entry));
        cors.mark(request, response);
        ProtocolErrors.refusal(request).ifPresentOrElse(refusal -> refusal.send(request, response), response::next);
    }

    /** The client has gone before it got an answer. */
    void aborted(ServerRequest request, ServerResponse response, Entry entry) {
        entry.aborted = true;
        end(request, response, entry);
    }

    private void end(ServerRequest request, ServerResponse response, Entry entry) {
        if (entry.ended) {
            return;
        }
        entry.ended = true;
        long end = nanoTime.getAsLong();
        Method method = request.prologue().method();
        String name = METHODS.contains(method) ? method.text() : OTHER_METHOD;
        int status = entry.aborted ? 0 : response.status().code();
        listener.ended(
                new CallListener.Ended(name, entry.route, status, end - entry.begin, entry.waits || entry.streams));
        Level level = entry.route.equals(DocumentRoutes.HEALTH) ? Level.DEBUG : Level.INFO;
        if (!LOG.isLoggable(level)) {
            return;
        }
        Event event = Event.of("http_call", "call").with("method", name).with("route", entry.route);
        if (entry.aborted) {
            event.with("aborted", true);
        } else {
            event.with("status", status);
        }
        event.with("code", entry.code.map(ErrorCode::code)).with("duration_ms", entry.millis(end));
        if (entry.waits) {
            event.with("waited_ms", entry.millis(entry.answeredAt));
        }
        if (entry.streams) {
            event.with("stream", true);
        }
        event.with("client", format.of(entry.client.address()));
        entry.ids(event);
        if (entry.bodyBytes >= 0) {
            event.with("bytes_in", entry.bodyBytes);
        }
        if (!method.equals(Method.HEAD)) {
            event.with("bytes_out", response.bytesWritten()); // for HEAD Helidon counts what GET would have got
        }
        event.to(LOG, level);
    }

    /** What is known of one call. Used by one thread after the other. */
    static final class Entry {
        final Client client;

        /** For what the call reads and is sent. */
        final Allowance memory;

        /** The template of the path. */
        String route = UNMATCHED;

        /** The caller, if the token is valid. */
        Optional<Caller> caller = Optional.empty();

        /** The pairing that the call has named, in the form of an id, whether or not it exists. */
        Optional<PairId> pair = Optional.empty();

        /** The request that the call has named, likewise. */
        Optional<RequestId> request = Optional.empty();

        /** The length of the body; negative if the route takes none. */
        long bodyBytes = -1;

        boolean waits;

        /** Whether the answer is an event stream, so that the duration is no measure of the relay's speed. */
        boolean streams;

        private final LongSupplier nanoTime;
        private final long begin;
        private Optional<ErrorCode> code = Optional.empty();
        private long answeredAt;
        private boolean aborted;
        private boolean ended;

        private Entry(Client client, Allowance memory, LongSupplier nanoTime) {
            this.client = client;
            this.memory = memory;
            this.nanoTime = nanoTime;
            this.begin = nanoTime.getAsLong();
            this.answeredAt = begin;
        }

        private long millis(long until) {
            return (until - begin) / 1_000_000;
        }

        /** The answer is about to be sent. */
        void answered(Optional<ErrorCode> error) {
            code = error;
            answeredAt = nanoTime.getAsLong();
        }

        /** Adds who calls about what, if the token was valid: a client without one could write anything like an id. */
        Event ids(Event event) {
            return switch (caller.orElse(null)) {
                case null -> event;
                case Caller.Platform(PairId own, var _, var _) ->
                    event.with("pair_id", own.value()).with("request_id", request);
                case Caller.Device(var device, var _, var _) ->
                    event.with("pair_id", pair)
                            .with("device_id", device.value())
                            .with("request_id", request);
            };
        }
    }
}
