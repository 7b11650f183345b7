package dev.harp.relay.http.api;

import dev.harp.relay.log.Event;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.ClientAddress;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.service.Caller;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What is told of each finished call: an event {@code http_call} in the log, and what the {@link CallListener} counts.
 *
 * <p>The event tells what the relay has made of a call and nothing that the call says by itself: the route instead of the path, the method
 * if it is one that there is, ids only if the caller's token was good and they have the form of ids. No query, no header field.
 *
 * <p>The entry of a call travels in the request's context, so that an error handler finds it, too.
 */
final class CallLog implements Filter {
    /** The route of a path that is not served. */
    static final String UNMATCHED = "unmatched";

    /** The method of a call with none that there is. */
    static final String OTHER = "other";

    private static final Logger LOG = System.getLogger(CallLog.class.getName());
    private static final String HEALTH = "/health";
    private static final Set<Method> METHODS =
            Set.of(Method.GET, Method.HEAD, Method.POST, Method.PUT, Method.PATCH, Method.DELETE, Method.OPTIONS);

    private final ClientAddress clients;
    private final AddressFormat form;
    private final CallListener listener;
    private final LongSupplier nanoTime;

    CallLog(ClientAddress clients, AddressFormat form, CallListener listener, LongSupplier nanoTime) {
        this.clients = clients;
        this.form = form;
        this.listener = listener;
        this.nanoTime = nanoTime;
    }

    /** The entry of this call, if its listener has a log. */
    static Optional<Entry> entry(ServerRequest request) {
        return request.context().get(Entry.class);
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        // At once, because a connection that is closed does not tell who was at its other end.
        Entry entry = new Entry(Router.address(clients, request), nanoTime);
        request.context().register(entry);
        response.whenSent(() -> end(request, response, entry));
        try {
            chain.proceed();
        } catch (CloseConnectionException e) {
            entry.aborted = true;
            end(request, response, entry);
            throw e;
        }
    }

    private void end(ServerRequest request, ServerResponse response, Entry entry) {
        if (entry.ended) {
            return;
        }
        entry.ended = true;
        long end = nanoTime.getAsLong();
        Method method = request.prologue().method();
        String name = METHODS.contains(method) ? method.text() : OTHER;
        int status = entry.aborted ? 0 : response.status().code();
        listener.ended(
                new CallListener.Ended(name, entry.route, status, end - entry.begin, entry.waits() || entry.streams()));
        Level level = entry.route.equals(HEALTH) ? Level.DEBUG : Level.INFO;
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
        if (entry.waits()) {
            event.with("waited_ms", entry.millis(entry.answeredAt));
        }
        if (entry.streams()) {
            event.with("stream", true);
        }
        event.with("client", form.of(entry.client));
        entry.call.ifPresent(call -> ids(event, call).with("bytes_in", call.bodyBytes()));
        if (!method.equals(Method.HEAD)) {
            event.with("bytes_out", response.bytesWritten()); // of HEAD Helidon counts what GET would have got
        }
        event.to(LOG, level);
    }

    /** Who calls about what, if the token was good: whoever has none could write anything that looks like an id. */
    static Event ids(Event event, Call call) {
        return switch (call.knownCaller().orElse(null)) {
            case null -> event;
            case Caller.Platform(PairId own) ->
                event.with("pair_id", own.value()).with("request_id", call.namedRequest());
            case Caller.Device(var device) ->
                event.with("pair_id", call.namedPair())
                        .with("device_id", device.value())
                        .with("request_id", call.namedRequest());
        };
    }

    /** What is known of one call. Used by one thread after the other. */
    static final class Entry {
        private final InetAddress client;
        private final long begin;
        private final LongSupplier nanoTime;
        private String route = UNMATCHED;
        private Optional<Call> call = Optional.empty();
        private Optional<ErrorCode> code = Optional.empty();
        private long answeredAt;
        private boolean aborted;
        private boolean ended;

        private Entry(InetAddress client, LongSupplier nanoTime) {
            this.client = client;
            this.nanoTime = nanoTime;
            this.begin = nanoTime.getAsLong();
            this.answeredAt = begin;
        }

        private boolean waits() {
            return call.filter(Call::waits).isPresent();
        }

        private boolean streams() {
            return call.filter(Call::isStream).isPresent();
        }

        private long millis(long until) {
            return (until - begin) / 1_000_000;
        }

        void routed(String template) {
            route = template;
        }

        void routed(String template, Call made) {
            route = template;
            call = Optional.of(made);
        }

        /** The answer is clear, and about to be sent. */
        void answered(Reply reply) {
            code = reply.code();
            answeredAt = nanoTime.getAsLong();
        }

        void refused(ErrorCode why) {
            code = Optional.of(why);
        }
    }
}
