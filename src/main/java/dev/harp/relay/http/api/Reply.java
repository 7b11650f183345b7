package dev.harp.relay.http.api;

import dev.harp.json.Json;
import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.service.EventSubscription;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import jakarta.json.stream.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An answer. No cache may store it, unless it is a {@link #document}.
 *
 * @param status the HTTP status
 * @param code the error, if it is a problem
 * @param headers beside those that every answer has
 * @param content the body
 */
public record Reply(Status status, Optional<ErrorCode> code, List<Header> headers, Content content) {
    /** Bytes that are written at a time, and may be copied for each client. */
    private static final int PIECE = 16 * 1024;

    private static final Header NO_STORE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");

    /** Also not to be compressed on the way: a proxy that does holds events back until it has a block of them. */
    private static final Header NO_TRANSFORM =
            HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store, no-transform");

    /** Sends the body, if there is one, after the status and the headers are set. */
    @FunctionalInterface
    interface Content {
        void send(ServerRequest request, ServerResponse response);
    }

    /** A public document that caches may store. */
    static Reply document(Status status, Header contentType, byte[] bytes, Header... more) {
        return new Reply(status, Optional.empty(), List.of(more), content(contentType, bytes));
    }

    /** Without a body; the headers say whether caches may store it. */
    static Reply empty(Status status, Header... headers) {
        return new Reply(status, Optional.empty(), List.of(headers), (_, response) -> response.send());
    }

    /** Bytes of some type. */
    public static Reply bytes(Status status, Header contentType, byte[] bytes, Header... more) {
        return uncached(status, Optional.empty(), content(contentType, bytes), List.of(more));
    }

    public static Reply json(Status status, Consumer<JsonGenerator> document, Header... more) {
        return bytes(status, HeaderValues.CONTENT_TYPE_JSON, Json.bytes(document), more);
    }

    static Reply ok(Consumer<JsonGenerator> document) {
        return json(Status.OK_200, document);
    }

    /** 201, with the place of what was created. */
    static Reply created(String location, Consumer<JsonGenerator> document) {
        return json(Status.CREATED_201, document, HeaderValues.create(HeaderNames.LOCATION, location));
    }

    /** A JSON document that may be large: if it is, it is written in pieces. */
    static Reply streamed(Consumer<JsonGenerator> document) {
        Content content = (_, response) -> {
            response.header(HeaderValues.CONTENT_TYPE_JSON);
            Json.write(document, new AnswerStream(response, PIECE));
        };
        return uncached(Status.OK_200, Optional.empty(), content, List.of());
    }

    static <T> Reply events(EventSubscription<T> events, BiConsumer<T, EventWriter> writer, Allowance memory) {
        Content content = (request, response) -> {
            CallLog.entry(request).ifPresent(entry -> entry.streams = true);
            new EventStream<>(events, writer, memory).send(response);
        };
        return new Reply(Status.OK_200, Optional.empty(), List.of(NO_TRANSFORM), content);
    }

    static Reply noContent(Header... more) {
        return uncached(Status.NO_CONTENT_204, Optional.empty(), (_, response) -> response.send(), List.of(more));
    }

    /** A problem document (RFC 9457). */
    public static Reply problem(Refusal refusal, Header... more) {
        ErrorCode code = refusal.code();
        List<Header> headers = new ArrayList<>(List.of(more));
        refusal.retryAfter()
                .ifPresent(wait -> headers.add(HeaderValues.create(HeaderNames.RETRY_AFTER, seconds(wait))));
        if (code == ErrorCode.UNAUTHORIZED) {
            headers.add(HeaderValues.create(HeaderNames.WWW_AUTHENTICATE, "Bearer"));
        }
        Content problem = content(Problems.CONTENT_TYPE, Problems.json(code, refusal.detail()));
        return uncached(status(code), Optional.of(code), problem, headers);
    }

    /** Helidon has no phrase for 431, and would write the number in its place. */
    private static Status status(ErrorCode code) {
        return code == ErrorCode.HEADERS_TOO_LARGE
                ? Status.create(code.status(), "Request Header Fields Too Large")
                : Status.create(code.status());
    }

    public static Reply methodNotAllowed(String allow) {
        return problem(
                Refusal.of(ErrorCode.METHOD_NOT_ALLOWED, "This path takes " + allow + " only."),
                HeaderValues.create(HeaderNames.ALLOW, allow));
    }

    static <T> Reply of(Result<T> result, Function<T, Reply> view) {
        return switch (result) {
            case Result.Ok<T>(T value) -> view.apply(value);
            case Result.Refused<T>(Refusal refusal) -> problem(refusal);
        };
    }

    private static Reply uncached(Status status, Optional<ErrorCode> code, Content content, List<Header> more) {
        List<Header> headers = new ArrayList<>(more);
        headers.add(NO_STORE);
        return new Reply(status, code, headers, content);
    }

    private static String seconds(Duration wait) {
        return String.valueOf(Math.max(1, wait.toSeconds()));
    }

    /**
     * A body in memory. An answer to HEAD has none (RFC 9110, section 9.3.2). Helidon 4.5 writes it all the same, and
     * on a kept connection a client takes it for the start of the next answer.
     */
    private static Content content(Header contentType, byte[] bytes) {
        return (request, response) -> {
            response.header(contentType);
            boolean bodiless = request.prologue().method().equals(Method.HEAD);
            if (bytes.length <= PIECE && !bodiless) {
                response.send(bytes);
                return;
            }
            response.header(HeaderNames.CONTENT_LENGTH, Integer.toString(bytes.length));
            if (bodiless) {
                response.send();
            } else {
                sendInPieces(bytes, response);
            }
        };
    }

    /**
     * Helidon copies a body that it is given whole. A thousand clients that do not read the same file would hold a
     * thousand copies of it.
     */
    private static void sendInPieces(byte[] bytes, ServerResponse response) {
        try (OutputStream out = response.outputStream()) {
            for (int sent = 0; sent < bytes.length; sent += PIECE) {
                out.write(bytes, sent, Math.min(PIECE, bytes.length - sent));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends it. Returns when the server has taken all of it; a stream of events, when that is over. */
    public void send(ServerRequest request, ServerResponse response) {
        CallLog.entry(request).ifPresent(entry -> entry.answered(code));
        response.status(status);
        headers.forEach(response::header);
        content.send(request, response);
    }
}
