package dev.harp.relay.http.api;

import dev.harp.json.Json;
import dev.harp.json.MalformedJson;
import dev.harp.relay.limit.Grant;
import dev.harp.relay.net.ClientAddress;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Caller;
import dev.harp.relay.service.Refusals;
import dev.harp.relay.store.Cursor;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One call, read piece by piece; each piece is refused where it is not as it has to be. */
final class Call {
    private static final Pattern BEARER = Pattern.compile("(?i:bearer) +([A-Za-z0-9._~+/-]{1,512}=*)");
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final int LONG_DIGITS = 18;
    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
    private static final HeaderName RATE_LIMIT = HeaderNames.create("RateLimit");
    private static final HeaderName RATE_LIMIT_POLICY = HeaderNames.create("RateLimit-Policy");

    private final ServerRequest request;
    private final Authenticator authenticator;
    private final int maxBody;
    private final List<String> policies = new ArrayList<>();
    private final List<String> quotas = new ArrayList<>();
    private Optional<Caller> known = Optional.empty();
    private Optional<PairId> pair = Optional.empty();
    private Optional<RequestId> named = Optional.empty();
    private boolean waits;
    private boolean streams;
    private long bodyBytes;

    Call(ServerRequest request, Authenticator authenticator, int maxBody) {
        this.request = request;
        this.authenticator = authenticator;
        this.maxBody = maxBody;
    }

    /** The bearer token, if the call has exactly one credential and it is a bearer token (RFC 6750, section 2.1). */
    Optional<String> bearer() {
        List<String> credentials = request.headers().values(HeaderNames.AUTHORIZATION);
        if (credentials.size() != 1) {
            return Optional.empty();
        }
        var match = BEARER.matcher(credentials.getFirst().strip());
        return match.matches() ? Optional.of(match.group(1)) : Optional.empty();
    }

    /** Who calls; refused with {@code unauthorized}. */
    Caller caller() {
        known = bearer().map(Token::new).flatMap(authenticator::caller);
        return known.orElseThrow(() -> new Refused(Refusals.unauthorized()));
    }

    /** Where it comes from, as far as whoever tells that is believed. */
    InetAddress address(ClientAddress clients) {
        return Router.address(clients, request);
    }

    /** What an {@code X-Forwarded-For} has had to do with that: {@code none}, {@code used} or {@code ignored}. */
    String forwarded(ClientAddress clients) {
        return !request.headers().contains(Router.FORWARDED_FOR)
                ? "none"
                : clients.trusts(Router.peer(request)) ? "used" : "ignored";
    }

    /** Who calls, if that has been asked and found. */
    Optional<Caller> knownCaller() {
        return known;
    }

    /** Which pairing the call has named, if it has: text of the form of an id, which may be nobody's. */
    Optional<PairId> namedPair() {
        return pair;
    }

    /** Which request the call has named, if it has. */
    Optional<RequestId> namedRequest() {
        return named;
    }

    /** Remembers what the body has named. */
    void names(RequestKey key) {
        pair = Optional.of(key.pair());
        named = Optional.of(key.request());
    }

    /** Whether it is a long poll. */
    boolean waits() {
        return waits;
    }

    /** How long the body was, if it was read. */
    long bodyBytes() {
        return bodyBytes;
    }

    /** The id in the path, as it was written. */
    String id() {
        return request.path().pathParameters().get("id");
    }

    /** The pairing in the path, if it can be one. */
    Optional<PairId> anyPairId() {
        pair = PairId.parse(id());
        return pair;
    }

    /** The pairing in the path; what is no pairing's name is the name of no pairing. */
    PairId pairId() {
        return anyPairId().orElseThrow(() -> new Refused(Refusals.unauthorized()));
    }

    /** The request in the path; what is no request's name is the name of no request. */
    RequestId requestId() {
        named = RequestId.parse(id());
        return named.orElseThrow(() -> new Refused(Refusals.unauthorized()));
    }

    /** How long to wait: {@code ?wait=}, zero if absent, lowered to the given time. */
    Duration wait(Duration max) {
        Duration wait = parameter("wait")
                .map(text -> {
                    if (!DIGITS.matcher(text).matches()) {
                        throw invalidParameter("wait");
                    }
                    long seconds = text.length() > LONG_DIGITS ? Long.MAX_VALUE : Long.parseLong(text);
                    return Duration.ofSeconds(Math.min(seconds, max.toSeconds()));
                })
                .orElse(Duration.ZERO);
        waits = wait.isPositive();
        return wait;
    }

    /** It is answered for as long as there is something to say. */
    void streams() {
        streams = true;
    }

    /** Whether it is answered for as long as there is something to say. */
    boolean isStream() {
        return streams;
    }

    /**
     * What has reached the client of an earlier stream: {@code Last-Event-ID}.
     *
     * @param parse what an id says; empty if no relay writes such an id
     */
    <T> Optional<T> lastEventId(Function<String, Optional<T>> parse) {
        List<String> values = request.headers().values(LAST_EVENT_ID);
        if (values.isEmpty() || values.equals(List.of(""))) {
            return Optional.empty();
        }
        return Optional.of(Optional.of(values)
                .filter(all -> all.size() == 1)
                .flatMap(all -> parse.apply(all.getFirst()))
                .orElseThrow(() -> new Refused(
                        ErrorCode.INVALID_PARAMETER,
                        "Last-Event-ID has to be given once, as the id of an event of an earlier stream.")));
    }

    /** What the device knows of its list: {@code ?after=}. */
    Optional<Cursor> after() {
        return parameter("after").map(text -> Cursor.parse(text).orElseThrow(() -> invalidParameter("after")));
    }

    private Optional<String> parameter(String name) {
        try {
            if (!request.query().contains(name)) {
                return Optional.empty();
            }
            List<String> values = request.query().all(name, List::of);
            if (values.size() == 1) {
                return Optional.of(values.getFirst());
            }
        } catch (IllegalArgumentException _) {
            // The query is not well-formed.
        }
        throw invalidParameter(name);
    }

    private static Refused invalidParameter(String name) {
        return new Refused(
                ErrorCode.INVALID_PARAMETER,
                name.equals("wait")
                        ? "wait has to be given once, as a whole number of seconds."
                        : name + " has to be given once, as the cursor of an earlier answer.");
    }

    /** The body, a JSON object; refused with {@code unsupported_media_type}, {@code payload_too_large}, {@code invalid_json}. */
    Body body() {
        if (!isJson(request.headers().values(HeaderNames.CONTENT_TYPE))) {
            throw new Refused(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The body has to be application/json, in UTF-8.");
        }
        byte[] body = BoundedBody.read(request, maxBody);
        bodyBytes = body.length;
        try {
            return new Body(Json.readMembers(body));
        } catch (MalformedJson e) {
            throw new Refused(ErrorCode.INVALID_JSON, "The body " + e.getMessage() + ".");
        }
    }

    /** Remembers what a rate limit has said, for the answer (draft-ietf-httpapi-ratelimit-headers-10). */
    void quota(String policy, Grant grant) {
        if (grant.perMinute() > 0) {
            policies.add("\"" + policy + "\";q=" + grant.perMinute() + ";w=60");
            quotas.add("\"" + policy + "\";r=" + grant.remaining() + ";t="
                    + grant.retryIn().toSeconds());
        }
    }

    /** The header fields that say what the rate limits have said. */
    List<Header> quotas() {
        return policies.isEmpty()
                ? List.of()
                : List.of(
                        HeaderValues.create(RATE_LIMIT_POLICY, String.join(", ", policies)),
                        HeaderValues.create(RATE_LIMIT, String.join(", ", quotas)));
    }

    private static boolean isJson(List<String> contentTypes) {
        if (contentTypes.size() == 1 && contentTypes.getFirst().equals("application/json")) {
            return true; // as nearly everyone writes it
        }
        String[] parts = String.join(",", contentTypes)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[ \t\"]", "")
                .split(";");
        return parts[0].equals("application/json")
                && Stream.of(parts).noneMatch(part -> part.startsWith("charset=") && !part.equals("charset=utf-8"));
    }
}
