package dev.harp.relay.http.api;

import dev.harp.relay.net.Origins;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Optional;

/**
 * Lets scripts of some web pages read the relay's answers (the Fetch Standard, section 3.2). It is no access control:
 * that is what tokens are for.
 *
 * <p>{@code Access-Control-Allow-Credentials} is never sent. Credentials are what a browser sends by itself, such as
 * cookies; the relay uses none, and a script sets the bearer token itself. So {@code *} never applies to credentials.
 */
record Cors(Origins origins) {
    private static final HeaderName ALLOW_ORIGIN = HeaderNames.create("Access-Control-Allow-Origin");
    private static final HeaderName ALLOW_METHODS = HeaderNames.create("Access-Control-Allow-Methods");
    private static final HeaderName REQUEST_METHOD = HeaderNames.create("Access-Control-Request-Method");
    /** Those of the protocol, and those that monitoring libraries in browsers add to each call by themselves. */
    private static final Header ALLOW_HEADERS = HeaderValues.createCached(
            "Access-Control-Allow-Headers",
            "Authorization, Content-Type, Last-Event-ID, traceparent, tracestate, baggage, sentry-trace,"
                    + " X-Requested-With");

    private static final Header EXPOSE_HEADERS = HeaderValues.createCached(
            "Access-Control-Expose-Headers", "Location, Retry-After, WWW-Authenticate, RateLimit, RateLimit-Policy");
    /** Two hours: the longest time that any browser keeps it. */
    private static final Header MAX_AGE = HeaderValues.createCached("Access-Control-Max-Age", "7200");

    private static final Header ANY = HeaderValues.createCached(ALLOW_ORIGIN, "*");
    private static final Header VARY = HeaderValues.createCached(HeaderNames.VARY, "Origin");

    /** Sets the header fields that say who may read the answer; on refusals too, so that a script can read them. */
    void mark(ServerRequest request, ServerResponse response) {
        if (!origins.on()) {
            return;
        }
        Optional<String> origin = origin(request);
        response.beforeSend(() -> {
            if (!origins.any()) {
                // Beside what the answer varies by already.
                response.headers().add(VARY);
            }
            origin.ifPresent(allowed -> {
                response.headers().set(origins.any() ? ANY : HeaderValues.create(ALLOW_ORIGIN, allowed));
                response.headers().set(EXPOSE_HEADERS);
            });
        });
    }

    /** The script's origin, if it may call. */
    private Optional<String> origin(ServerRequest request) {
        List<String> values = request.headers().all(HeaderNames.ORIGIN, List::of);
        return values.size() == 1 ? Optional.of(values.getFirst()).filter(origins::allow) : Optional.empty();
    }

    /** The answer to a preflight request, by which a browser asks for a path's methods; empty for any other request. */
    Optional<Reply> preflight(ServerRequest request, String methods) {
        return request.prologue().method().equals(Method.OPTIONS)
                        && request.headers().contains(REQUEST_METHOD)
                        && origin(request).isPresent()
                ? Optional.of(Reply.noContent(HeaderValues.create(ALLOW_METHODS, methods), ALLOW_HEADERS, MAX_AGE))
                : Optional.empty();
    }
}
