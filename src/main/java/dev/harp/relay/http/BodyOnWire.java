package dev.harp.relay.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;

/** What has come of one request's body, counted as bytes on the wire, framing and all. */
final class BodyOnWire {
    /** No request yet, or one whose header section is not complete. */
    static final BodyOnWire NONE = new BodyOnWire(false, 0);

    private final boolean chunked;
    private final long length;
    private long bytes;
    private byte[] last = {};

    private BodyOnWire(boolean chunked, long length) {
        this.chunked = chunked;
        this.length = length;
    }

    static BodyOnWire of(Headers headers) {
        if (headers.contains(HeaderNames.TRANSFER_ENCODING)) {
            return new BodyOnWire(true, Long.MAX_VALUE);
        }
        try {
            return new BodyOnWire(false, headers.contentLength().orElse(0));
        } catch (IllegalArgumentException e) {
            return new BodyOnWire(false, Long.MAX_VALUE); // which Helidon is about to refuse
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
            last = read;
        }
    }

    /** Whether a chunked body has had more than so many bytes; a declared length is bounded by its declaration. */
    boolean exceeds(long most) {
        return chunked && bytes > most;
    }

    /** Whether some of it may still be on its way. */
    boolean mayGoOn() {
        return chunked ? !endsWithLastChunk() : bytes < length;
    }

    private boolean endsWithLastChunk() {
        int n = last.length;
        return n >= 5
                && last[n - 5] == '0'
                && last[n - 4] == '\r'
                && last[n - 3] == '\n'
                && last[n - 2] == '\r'
                && last[n - 1] == '\n';
    }
}
