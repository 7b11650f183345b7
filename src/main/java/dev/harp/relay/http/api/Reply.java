package dev.harp.relay.http.api;

import dev.harp.json.Json;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What is answered.
 *
 * @param status the HTTP status
 * @param headers beside those that every answer has
 * @param content the body
 */
public record Reply(Status status, List<Header> headers, Content content) {

    /** A body, or none. */
    sealed interface Content {
        /** Sends it. Returns when the server has taken all of it. */
        void send(ServerResponse response);

        /** Sends the header fields that {@link #send} would, and nothing else: Helidon writes the body of an answer to HEAD, too. */
        default void sendHead(ServerResponse response) {
            send(response);
        }
    }

    /** No body. */
    record Empty() implements Content {
        @Override
        public void send(ServerResponse response) {
            response.send();
        }
    }

    /** A body in memory, written once and never compared. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Bytes(Header contentType, byte[] bytes) implements Content {
        @Override
        public void send(ServerResponse response) {
            response.header(contentType);
            response.send(bytes);
        }

        @Override
        public void sendHead(ServerResponse response) {
            head(response, contentType, bytes);
        }
    }

    /** A problem document (RFC 9457). */
    @SuppressWarnings("ArrayRecordComponent")
    record Problem(ErrorCode code, byte[] bytes) implements Content {
        @Override
        public void send(ServerResponse response) {
            response.header(Problems.CONTENT_TYPE);
            response.send(bytes);
        }

        @Override
        public void sendHead(ServerResponse response) {
            head(response, Problems.CONTENT_TYPE, bytes);
        }
    }

    /** A JSON document that may be large: beyond {@link ThresholdOutputStream#HELD} bytes it is written piece by piece, never held as a whole. */
    record Streamed(Consumer<JsonGenerator> document) implements Content {
        @Override
        public void send(ServerResponse response) {
            response.header(HeaderValues.CONTENT_TYPE_JSON);
            ThresholdOutputStream out = new ThresholdOutputStream(response::outputStream);
            Json.write(document, out);
            out.whole().ifPresent(response::send);
        }
    }

    /** Events, until there are no more. */
    record Events(EventStream<?> stream) implements Content {
        @Override
        public void send(ServerResponse response) {
            stream.send(response);
        }
    }

    public static Reply json(Status status, Consumer<JsonGenerator> document, Header... headers) {
        return new Reply(status, List.of(headers), new Bytes(HeaderValues.CONTENT_TYPE_JSON, Json.bytes(document)));
    }

    static Reply ok(Consumer<JsonGenerator> document) {
        return json(Status.OK_200, document);
    }

    static Reply streamed(Consumer<JsonGenerator> document) {
        return new Reply(Status.OK_200, List.of(), new Streamed(document));
    }

    static <T> Reply events(EventSubscription<T> live, BiConsumer<T, EventWriter> writer) {
        return new Reply(Status.OK_200, List.of(), new Events(new EventStream<>(live, writer)));
    }

    static Reply noContent() {
        return new Reply(Status.NO_CONTENT_204, List.of(), new Empty());
    }

    public static Reply problem(Refusal refusal, Header... more) {
        List<Header> headers = new ArrayList<>(List.of(more));
        refusal.retryAfter()
                .ifPresent(wait -> headers.add(HeaderValues.create(HeaderNames.RETRY_AFTER, seconds(wait))));
        if (refusal.code() == ErrorCode.UNAUTHORIZED) {
            headers.add(HeaderValues.create(HeaderNames.WWW_AUTHENTICATE, "Bearer"));
        }
        return new Reply(
                Status.create(refusal.code().status()),
                headers,
                new Problem(refusal.code(), Problems.json(refusal.code(), refusal.detail())));
    }

    static <T> Reply of(Result<T> result, Function<T, Reply> view) {
        return switch (result) {
            case Result.Ok<T>(T value) -> view.apply(value);
            case Result.Refused<T>(Refusal refusal) -> problem(refusal);
        };
    }

    /** What it refuses with, if it is a problem. */
    Optional<ErrorCode> code() {
        return content instanceof Problem(ErrorCode code, var _) ? Optional.of(code) : Optional.empty();
    }

    private static String seconds(Duration wait) {
        return String.valueOf(Math.max(1, wait.toSeconds()));
    }

    private static void head(ServerResponse response, Header contentType, byte[] bytes) {
        response.header(contentType).header(HeaderNames.CONTENT_LENGTH, Integer.toString(bytes.length));
        response.send();
    }

    /**
     * Sends it. Returns when the server has taken all of it: of a stream, when that is over.
     *
     * @param request what it answers: an answer to HEAD has no body (RFC 9110, section 9.3.2), and on a connection that is kept a body would be taken
     *     for the beginning of the next answer
     */
    public void send(ServerRequest request, ServerResponse response) {
        response.status(status);
        headers.forEach(response::header);
        if (request.prologue().method().equals(Method.HEAD)) {
            content.sendHead(response);
        } else {
            content.send(response);
        }
    }
}
