package dev.harp.relay.http.edge;

import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import java.util.Optional;

/** What has come of one request's body, counted as bytes on the wire, framing and all. */
final class RawBody {
    /** No request yet, or one whose header section is not complete. */
    static final RawBody NONE = new RawBody(Optional.empty(), 0);

    private final Optional<Chunks> chunks;
    private final long length;
    private long bytes;

    private RawBody(Optional<Chunks> chunks, long length) {
        this.chunks = chunks;
        this.length = length;
    }

    static RawBody of(Headers headers) {
        if (headers.contains(HeaderNames.TRANSFER_ENCODING)) {
            return new RawBody(Optional.of(new Chunks()), Long.MAX_VALUE);
        }
        try {
            return new RawBody(Optional.empty(), headers.contentLength().orElse(0));
        } catch (IllegalArgumentException e) {
            return new RawBody(Optional.empty(), Long.MAX_VALUE); // which Helidon is about to refuse
        }
    }

    /** Whether the request has a body. */
    boolean announced() {
        return length > 0;
    }

    /** More has come; the last bytes are the end of {@code read}. */
    void add(byte[] read, int count) {
        if (this != NONE) {
            bytes += count;
            chunks.ifPresent(body -> body.read(read, read.length - count, read.length));
        }
    }

    /** Whether a chunked body has had more than so many bytes; a declared length is bounded by its declaration. */
    boolean exceeds(long most) {
        return chunks.isPresent() && bytes > most;
    }

    /** Whether it is chunked, and its chunks are none. */
    boolean broken() {
        return chunks.filter(Chunks::broken).isPresent();
    }

    /** Whether some of it may still be on its way. */
    boolean mayGoOn() {
        return chunks.map(body -> !body.ended()).orElse(bytes < length);
    }
}
