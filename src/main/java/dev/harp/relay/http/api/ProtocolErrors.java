package dev.harp.relay.http.api;

import static java.util.Map.entry;

import dev.harp.relay.log.Event;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import io.helidon.http.BadRequestException;
import io.helidon.http.DirectHandler;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.DirectHandler.TransportRequest;
import io.helidon.http.DirectHandler.TransportResponse;
import io.helidon.http.Header;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers with a problem what no route answers: requests that Helidon refuses before routing, unknown paths, and
 * exceptions that escape.
 *
 * <p>An answer names the kind of error only: no byte of the request, no message of an exception. The log gets an
 * incident's id, classes and stack frames, and no message either, because messages quote what was being parsed.
 */
public final class ProtocolErrors {
    private static final System.Logger LOGGER = System.getLogger(ProtocolErrors.class.getName());
    private static final Duration RETRY_SOON = Duration.ofSeconds(1);

    /** What these answers say; no two of the errors have the same status. */
    private static final Map<ErrorCode, String> DETAILS = Map.ofEntries(
            entry(ErrorCode.MALFORMED_HTTP, "The request is not well-formed HTTP/1.1."),
            entry(ErrorCode.NOT_FOUND, "Nothing is served at this path."),
            entry(ErrorCode.METHOD_NOT_ALLOWED, "This path does not support the method."),
            entry(ErrorCode.REQUEST_TIMEOUT, "The HTTP request did not arrive in time."),
            entry(ErrorCode.PAYLOAD_TOO_LARGE, "The request body is larger than this relay accepts."),
            entry(ErrorCode.URI_TOO_LONG, "The request line is longer than this relay accepts."),
            entry(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "This relay supports no Content-Encoding; send the body without one."),
            entry(ErrorCode.EXPECTATION_FAILED, "The only supported expectation is 100-continue."),
            entry(
                    ErrorCode.HEADERS_TOO_LARGE,
                    "The request headers are larger than this relay accepts, have too many fields, or come in too many"
                            + " pieces."),
            entry(ErrorCode.RELAY_FULL, "The relay is at its limit."),
            entry(ErrorCode.HTTP_VERSION_NOT_SUPPORTED, "The relay supports HTTP/1.1 only."));

    /** Helidon's only sign of it: the status is a plain 400. */
    private static final String HEADERS_TOO_LARGE = "Header size exceeded";

    /** Helidon's messages for a body with a content coding, which are plain 400s too: no coding is switched on. */
    private static final Set<String> CONTENT_CODINGS =
            Set.of("Unsupported content encoding", "Content-Encoding header present when content encoding is disabled");

    /** Helidon's message for what its parser does not expect, such as a method that is no token; it comes as a 500. */
    private static final String UNPARSED = "Internal error";

    private static final Set<String> HEALTH_METHODS = Set.of("GET", "HEAD", "OPTIONS");

    /** HAProxy sends this method, and asks this path, unless it is told others. */
    private static final String HEALTH_METHOD_BY_DEFAULT = "OPTIONS";

    private static final String HEALTH_PATH_BY_DEFAULT = "/";

    private static final byte[] NO_BODY = {};

    private static final Reply EMPTY_SEGMENT = Reply.problem(
            Refusal.of(ErrorCode.NOT_FOUND, "The path has an empty segment: write it without // and without /;."));

    private final Supplier<String> incidentIds;
    private final IntConsumer refused;

    /**
     * @param incidentIds ids by which an operator finds the log entry of a 500
     * @param refused receives the status of each answer to what was no valid request
     */
    public ProtocolErrors(Supplier<String> incidentIds, IntConsumer refused) {
        this.incidentIds = incidentIds;
        this.refused = refused;
    }

    /** For failures before routing, and for bodies whose framing is broken. The connection ends with the answer. */
    public DirectHandlers directHandlers() {
        return handlers(this::direct);
    }

    /**
     * The same, with {@code /health} in HTTP/1.0, which the health checks of some proxies speak, HAProxy's among them,
     * and {@code OPTIONS /}, which is HAProxy's check without settings. Helidon refuses that version.
     */
    DirectHandlers directHandlers(BooleanSupplier serving) {
        return handlers((request, type, status, headers, message) ->
                codeOf(status.code()) == ErrorCode.HTTP_VERSION_NOT_SUPPORTED && isOldHealthCheck(request)
                        ? health(request, serving.getAsBoolean(), headers)
                        : direct(request, type, status, headers, message));
    }

    private static DirectHandler.TransportResponse health(
            TransportRequest request, boolean serving, ServerResponseHeaders headers) {
        return last(
                DocumentRoutes.health(serving),
                HeaderValues.CONTENT_TYPE_JSON,
                request.method().equals("GET") ? DocumentRoutes.healthText(serving) : NO_BODY,
                headers);
    }

    private static boolean isOldHealthCheck(TransportRequest request) {
        boolean byDefault = request.path().equals(HEALTH_PATH_BY_DEFAULT)
                && request.method().equals(HEALTH_METHOD_BY_DEFAULT);
        boolean health = request.path().equals(DocumentRoutes.HEALTH) && HEALTH_METHODS.contains(request.method());
        return request.protocolVersion().equals("HTTP/1.0") && (health || byDefault);
    }

    private static DirectHandlers handlers(DirectHandler handler) {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (EventType type : EventType.values()) {
            handlers.addHandler(type, handler);
        }
        return handlers.build();
    }

    /** For what escapes from handlers and filters. */
    public void addTo(HttpRouting.Builder routing) {
        routing.error(Throwable.class, this::escaped);
    }

    /** A filter for routes that have no other one: {@link #refusal}. */
    public static void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        refusal(request).ifPresentOrElse(reply -> reply.send(request, response), chain::proceed);
    }

    /**
     * The answer to a path with an empty segment (section 3.5 of the protocol). Helidon's routing leaves empty segments
     * out, except at the end: so one spelling of a path would be another path for a proxy and the same one here.
     *
     * @throws BadRequestException for a target without a path, such as CONNECT's {@code host:443}: the path is null,
     *     which Helidon's routing does not expect
     */
    static Optional<Reply> refusal(ServerRequest request) {
        if (request.path().path() == null) {
            throw new BadRequestException("The target has no path.");
        }
        String target = request.prologue().uriPath().rawPath();
        int path = target.startsWith("/") ? 0 : target.indexOf("://") + 3; // the absolute form has an authority
        return target.indexOf("//", path) >= 0 || target.indexOf("/;", path) >= 0
                ? Optional.of(EMPTY_SEGMENT)
                : Optional.empty();
    }

    private TransportResponse direct(
            TransportRequest request,
            EventType type,
            Status status,
            ServerResponseHeaders headers,
            @Nullable String message) {
        ErrorCode code = codeOf(status.code());
        if (HEADERS_TOO_LARGE.equals(message)) {
            code = ErrorCode.HEADERS_TOO_LARGE;
        } else if (message != null && CONTENT_CODINGS.contains(message)) {
            code = ErrorCode.UNSUPPORTED_MEDIA_TYPE;
        } else if (type == EventType.INTERNAL_ERROR && UNPARSED.equals(message)) {
            code = ErrorCode.MALFORMED_HTTP;
        }
        refused.accept(code.status());
        return last(problem(code, detail(code)), Problems.CONTENT_TYPE, Problems.json(code, detail(code)), headers);
    }

    private static TransportResponse last(Reply reply, Header contentType, byte[] body, ServerResponseHeaders headers) {
        reply.headers().forEach(headers::set);
        headers.set(contentType);
        headers.set(HeaderValues.CONNECTION_CLOSE); // nobody knows where in the stream the next request starts
        return TransportResponse.builder()
                .status(reply.status())
                .headers(headers)
                .keepAlive(false)
                .entity(body)
                .build();
    }

    private void escaped(ServerRequest request, ServerResponse response, Throwable thrown) {
        reply(thrown).send(request, response);
    }

    private Reply reply(Throwable thrown) {
        if (thrown instanceof Refused known) {
            return Reply.problem(known.refusal());
        }
        ErrorCode code =
                thrown instanceof HttpException http ? codeOf(http.status().code()) : ErrorCode.INTERNAL_ERROR;
        if (code != ErrorCode.INTERNAL_ERROR) {
            return problem(code, detail(code));
        }
        String incident = incidentIds.get();
        Event.of("internal_error", "a call failed unexpectedly")
                .with("incident", incident)
                .error(thrown)
                .to(LOGGER, System.Logger.Level.ERROR);
        return problem(code, "The relay's log has this as incident " + incident + ".");
    }

    private static Reply problem(ErrorCode code, String detail) {
        return Reply.problem(code.status() == 503 ? Refusal.of(code, detail, RETRY_SOON) : Refusal.of(code, detail));
    }

    private static ErrorCode codeOf(int status) {
        return DETAILS.keySet().stream()
                .filter(code -> code.status() == status)
                .findFirst()
                .orElse(status < 500 || status == 501 ? ErrorCode.MALFORMED_HTTP : ErrorCode.INTERNAL_ERROR);
    }

    private static String detail(ErrorCode code) {
        return DETAILS.getOrDefault(code, code.title() + ".");
    }
}
