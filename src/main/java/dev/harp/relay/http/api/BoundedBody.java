package dev.harp.relay.http.api;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.service.Refusals;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.DirectHandler.EventType;
import io.helidon.http.RequestException;
import io.helidon.http.media.ReadableEntity;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Reads a request body into memory, at most the bound and one byte. What it takes of memory, with the texts that are
 * made of it, is taken as it grows, and by no body of a few KiB.
 *
 * <p>A body that is not read to its end, because the answer does not depend on it (401, 413, 429), is drained by
 * Helidon after the answer, up to the listener's {@code max-payload-size}; the body's deadline ends that. If the client
 * waits for {@code 100 Continue} and is refused, the connection is closed with the answer.
 */
public final class BoundedBody {
    /** Bytes that count as part of a connection. */
    private static final int SMALL = 8192;

    /** The bytes, the text, and the members' texts. */
    private static final int COPIES = 3;

    private BoundedBody() {}

    /**
     * The whole body; empty if the request has none. Sends the {@code 100 Continue} that a client waits for.
     *
     * @param maxBytes the bound, 0 to {@code Integer.MAX_VALUE - 1}
     * @param memory holds the memory of a large body afterwards
     * @throws Refused with {@code payload_too_large} if the declared or the real length is over the bound; with
     *     {@code relay_full} if there is no memory for it
     * @throws RequestException if the chunks are malformed or their framing is too long; Helidon answers it (400, 413)
     * @throws CloseConnectionException if the client has gone or is too slow; it ends the connection
     */
    public static byte[] read(ServerRequest request, int maxBytes, Allowance memory) {
        ReadableEntity content = request.content();
        if (!content.hasEntity()) {
            return new byte[0];
        }
        // Helidon reads no more than is declared. Asking for one byte more lets it see the end, and no buffer is larger
        // than needed.
        long declared = request.headers().contentLength().orElse(maxBytes);
        if (declared > maxBytes) {
            throw tooLarge(maxBytes);
        }
        try {
            byte[] body = read(content.inputStream(), (int) declared + 1, memory);
            if (body.length > maxBytes) {
                throw tooLarge(maxBytes);
            }
            return body;
        } catch (IOException e) {
            throw new CloseConnectionException("the body cannot be read", e);
        } catch (IllegalArgumentException | DataReader.IncorrectNewLineException e) {
            throw brokenFraming(e);
        }
    }

    private static byte[] read(InputStream in, int most, Allowance memory) throws IOException {
        byte[] body = in.readNBytes(Math.min(most, SMALL));
        for (int size = SMALL; body.length == size && size < most; ) {
            size = Math.min(most, 2 * size);
            if (!memory.hold((long) COPIES * size)) {
                throw new Refused(Refusals.noMemory());
            }
            byte[] more = in.readNBytes(size - body.length);
            int had = body.length;
            body = Arrays.copyOf(body, had + more.length);
            System.arraycopy(more, 0, body, had, more.length);
        }
        return body;
    }

    /** Helidon 4.5 throws the number parser's exception when the size of a chunk is no number. */
    private static RequestException brokenFraming(RuntimeException cause) {
        return RequestException.builder()
                .type(EventType.BAD_REQUEST)
                .setKeepAlive(false)
                .cause(cause)
                .build();
    }

    private static Refused tooLarge(int maxBytes) {
        return new Refused(ErrorCode.PAYLOAD_TOO_LARGE, "The body may have at most " + maxBytes + " bytes.");
    }
}
