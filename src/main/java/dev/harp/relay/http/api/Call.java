package dev.harp.relay.http.api;

import dev.harp.json.Json;
import dev.harp.json.MalformedJson;
import dev.harp.relay.limit.Allowance;
import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.Toll;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Caller;
import dev.harp.relay.service.Openers;
import dev.harp.relay.service.Refusals;
import dev.harp.relay.service.Wait;
import dev.harp.relay.store.Admitted;
import dev.harp.relay.store.Ahead;
import dev.harp.relay.store.Cursor;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One call under {@code /v1}, read piece by piece. A piece that is not valid is {@link Refused}; what identifies the
 * call goes to its log entry as soon as it is read.
 */
final class Call {
    private static final String BEARER = "Bearer ";
    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final int LONG_DIGITS = 18;

    /** As nearly all clients write it. */
    private static final List<String> JSON = List.of("application/json");

    /** The name, and the alias that many programs write. */
    private static final Set<String> UTF_8 = Set.of("charset=utf-8", "charset=utf8");

    /** Bytes that count as part of a connection. */
    private static final int SMALL = 8192;

    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
    private static final HeaderName RATE_LIMIT = HeaderNames.create("RateLimit");
    private static final HeaderName RATE_LIMIT_POLICY = HeaderNames.create("RateLimit-Policy");

    private final ServerRequest request;
    private final CallLog.Entry entry;
    private final Authenticator authenticator;
    private final Openers openers;
    private final int maxBody;
    private Optional<Admitted<Caller>> admitted = Optional.empty();
    private final List<String> policies = new ArrayList<>();
    private final List<String> quotas = new ArrayList<>();

    Call(ServerRequest request, CallLog.Entry entry, Authenticator authenticator, Openers openers, int maxBody) {
        this.request = request;
        this.entry = entry;
        this.authenticator = authenticator;
        this.openers = openers;
        this.maxBody = maxBody;
        entry.bodyBytes = 0;
    }

    Client client() {
        return entry.client;
    }

    /** The networks of the client, as the store names them. */
    Opener opener() {
        return openers.of(client().address());
    }

    /** The memory that the call holds for what it reads and is sent. */
    Allowance memory() {
        return entry.memory;
    }

    /** Takes memory for an answer of so many bytes, unless they are few; refused with {@code relay_full}. */
    void takes(long bytes) {
        if (bytes > SMALL && !entry.memory.hold(bytes)) {
            throw new Refused(Refusals.noMemory());
        }
    }

    /** The bearer token, if the call has exactly one credential and it is a bearer token (RFC 6750, section 2.1). */
    Optional<String> bearer() {
        List<String> credentials = request.headers().all(HeaderNames.AUTHORIZATION, List::of);
        if (credentials.size() != 1) {
            return Optional.empty();
        }
        String text = credentials.getFirst().strip();
        return text.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? Optional.of(text.substring(BEARER.length()).stripLeading())
                : Optional.empty();
    }

    /** Takes the call from a limit. A call that has a token, and is counted, is likely to need its caller, too. */
    Grant admit(Toll toll) {
        Optional<Token> token = bearer().map(Token::new);
        if (token.isEmpty() || toll.equals(Toll.FREE)) {
            return toll.take();
        }
        Admitted<Caller> found = authenticator.caller(toll, token.get(), ahead());
        admitted = Optional.of(found);
        return found.grant();
    }

    /** What the caller's request or list is, by the path. */
    private Ahead ahead() {
        Optional<String> id = request.path().pathParameters().first("id").asOptional();
        if (!request.path().path().endsWith("/requests")) {
            return id.flatMap(RequestId::parse).<Ahead>map(Ahead.OfRequest::new).orElseGet(Ahead.Nothing::new);
        }
        return id.isPresent() ? list() : new Ahead.NewRequest();
    }

    /** A cursor that is none is refused later, when the caller is known. */
    private Ahead list() {
        try {
            return new Ahead.OfList(after().map(Cursor::read).orElse(0L));
        } catch (Refused _) {
            return new Ahead.Nothing();
        }
    }

    /** Who calls; refused with {@code unauthorized}. */
    Caller caller() {
        entry.caller = admitted.isPresent()
                ? admitted.get().result()
                : bearer().map(Token::new)
                        .flatMap(token ->
                                authenticator.caller(Toll.FREE, token, ahead()).result());
        return entry.caller.orElseThrow(() -> new Refused(Refusal.UNAUTHORIZED));
    }

    /** The id in the path, as it was written. */
    String id() {
        return request.path().pathParameters().get("id");
    }

    /** The pairing in the path, if the text has the form of an id. */
    Optional<PairId> anyPairId() {
        Optional<PairId> id = PairId.parse(id());
        id.ifPresent(_ -> entry.pair = id);
        return id;
    }

    /** The pairing in the path; text without the form of an id is refused like an unknown pairing. */
    PairId pairId() {
        return anyPairId().orElseThrow(() -> new Refused(Refusal.UNAUTHORIZED));
    }

    /** The request in the path; text without the form of an id is refused like an unknown request. */
    RequestId requestId() {
        RequestId id = RequestId.parse(id()).orElseThrow(() -> new Refused(Refusal.UNAUTHORIZED));
        entry.request = Optional.of(id);
        return id;
    }

    /** How long to wait: {@code ?wait=}, zero if absent, lowered to {@code max}. */
    Wait wait(Duration max) {
        Duration wait = parameter("wait", "wait has to be given once, as a whole number of seconds.", text -> {
                    if (!DIGITS.matcher(text).matches()) {
                        return Optional.empty();
                    }
                    long seconds = text.length() > LONG_DIGITS ? Long.MAX_VALUE : Long.parseLong(text);
                    return Optional.of(Duration.ofSeconds(Math.min(seconds, max.toSeconds())));
                })
                .orElse(Duration.ZERO);
        if (wait.isZero()) {
            return Wait.NONE;
        }
        entry.waits = true;
        return new Wait(wait, opener());
    }

    /** The position in the device's list up to which it has read: {@code ?after=}. */
    Optional<Cursor> after() {
        return parameter("after", "after has to be given once, as the cursor of an earlier answer.", Cursor::parse);
    }

    /** The last pairing of an earlier page: {@code ?after=}. */
    Optional<PairId> afterPairing() {
        return parameter("after", "after has to be given once, as the next of an earlier answer.", PairId::parse);
    }

    private <T> Optional<T> parameter(String name, String rule, Function<String, Optional<T>> parse) {
        try {
            if (!request.query().contains(name)) {
                return Optional.empty();
            }
            List<String> values = request.query().all(name, List::of);
            // A name without "=" has no value, and is not absent.
            return single(values.isEmpty() ? List.of("") : values, rule, parse);
        } catch (IllegalArgumentException _) {
            throw new Refused(ErrorCode.INVALID_PARAMETER, rule); // the query is not well-formed
        }
    }

    /**
     * The id of the last event that reached the client on an earlier stream: {@code Last-Event-ID}.
     *
     * @param parse the position that an id stands for; empty if the text is no id of a relay
     */
    <T> Optional<T> lastEventId(Function<String, Optional<T>> parse) {
        List<String> values = request.headers().all(LAST_EVENT_ID, List::of);
        return single(
                values.equals(List.of("")) ? List.of() : values,
                "Last-Event-ID has to be given once, as the id of an event of an earlier stream.",
                parse);
    }

    private static <T> Optional<T> single(List<String> values, String rule, Function<String, Optional<T>> parse) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        Optional<T> value = values.size() == 1 ? parse.apply(values.getFirst()) : Optional.empty();
        if (value.isEmpty()) {
            throw new Refused(ErrorCode.INVALID_PARAMETER, rule);
        }
        return value;
    }

    /** Notes the request that the body names. */
    void names(PairId pair, RequestId id) {
        entry.pair = Optional.of(pair);
        entry.request = Optional.of(id);
    }

    /**
     * The body, a JSON object; refused with {@code unsupported_media_type}, {@code payload_too_large},
     * {@code invalid_json}.
     */
    Body body() {
        if (!isJson(request.headers().all(HeaderNames.CONTENT_TYPE, List::of))) {
            throw new Refused(ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The body has to be application/json, in UTF-8.");
        }
        byte[] body = BoundedBody.read(request, maxBody, entry.memory);
        entry.bodyBytes = body.length;
        try {
            return new Body(Json.readMembers(body));
        } catch (MalformedJson e) {
            throw new Refused(ErrorCode.INVALID_JSON, "The body " + e.getMessage() + ".");
        }
    }

    /** The body as {@link #body} reads it; without one, an object without members. */
    Body bodyIfAny() {
        return request.content().hasEntity() ? body() : new Body(JsonValue.EMPTY_JSON_OBJECT);
    }

    /** Notes the state of a rate limit, for the answer. */
    void quota(String policy, Grant grant) {
        if (grant.perMinute() > 0) {
            policies.add("\"" + policy + "\";q=" + grant.perMinute() + ";w=60");
            quotas.add("\"" + policy + "\";r=" + grant.remaining() + ";t="
                    + grant.retryIn().toSeconds());
        }
    }

    /** The header fields with the states of the rate limits (draft-ietf-httpapi-ratelimit-headers-10). */
    List<Header> quotas() {
        return policies.isEmpty()
                ? List.of()
                : List.of(
                        HeaderValues.create(RATE_LIMIT_POLICY, String.join(", ", policies)),
                        HeaderValues.create(RATE_LIMIT, String.join(", ", quotas)));
    }

    private static boolean isJson(List<String> contentTypes) {
        if (contentTypes.equals(JSON)) {
            return true;
        }
        String[] parts = String.join(",", contentTypes)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[ \t\"]", "")
                .split(";");
        return parts[0].equals("application/json")
                && Stream.of(parts).noneMatch(part -> part.startsWith("charset=") && !UTF_8.contains(part));
    }
}
