package dev.harp.relay.http.edge;

import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;

/**
 * How much of one request's body has arrived, in bytes on the wire, framing included.
 *
 * <p>A chunked body is parsed beside Helidon, by the letter of RFC 9112, section 7.1: sizes of hex digits only, CR LF
 * after each size and each chunk, no extensions, no trailers. Helidon 4.5 accepts a size with a sign, and skips the two
 * bytes after a chunk whatever they are. A proxy that reads such bytes differently sees another end of the message, and
 * so another start of the next one (request smuggling).
 */
final class RawBody {
    /** No request yet, or one whose header section is not complete. */
    static final RawBody NONE = new RawBody(false, 0);

    private enum Part {
        SIZE,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        LAST_CR,
        LAST_LF,
        END,
        BROKEN
    }

    private final boolean chunked;
    private final long length;
    private long bytes;
    private Part part = Part.SIZE;
    private int digits;
    private long size;

    private RawBody(boolean chunked, long length) {
        this.chunked = chunked;
        this.length = length;
    }

    static RawBody of(Headers headers) {
        if (headers.contains(HeaderNames.TRANSFER_ENCODING)) {
            return new RawBody(true, Long.MAX_VALUE);
        }
        try {
            return new RawBody(false, headers.contentLength().orElse(0));
        } catch (IllegalArgumentException e) {
            return new RawBody(false, Long.MAX_VALUE); // Helidon is about to refuse it
        }
    }

    /** Whether the request has a body. */
    boolean announced() {
        return length > 0;
    }

    /** Counts the last {@code count} bytes of {@code read}. Bytes after the end belong to the next request. */
    void add(byte[] read, int count) {
        if (this == NONE) {
            return;
        }
        bytes += count;
        for (int i = read.length - count; chunked && i < read.length && part != Part.END && !broken(); i++) {
            if (part == Part.DATA) {
                long skipped = Math.min(size, read.length - i);
                size -= skipped;
                i += (int) skipped - 1;
                part = size == 0 ? Part.DATA_CR : Part.DATA;
            } else {
                part = after(read[i]);
            }
        }
    }

    private Part after(byte next) {
        return switch (part) {
            case SIZE -> size(next);
            case SIZE_LF -> expect('\n', next, size == 0 ? Part.LAST_CR : Part.DATA);
            case DATA_CR -> expect('\r', next, Part.DATA_LF);
            case DATA_LF -> {
                digits = 0;
                yield expect('\n', next, Part.SIZE);
            }
            case LAST_CR -> expect('\r', next, Part.LAST_LF);
            case LAST_LF -> expect('\n', next, Part.END);
            case DATA, END, BROKEN -> part;
        };
    }

    private Part size(byte next) {
        int digit = next < 0 ? -1 : Character.digit(next, 16);
        if (digit < 0) {
            return digits > 0 ? expect('\r', next, Part.SIZE_LF) : Part.BROKEN;
        }
        digits++;
        size = 16 * size + digit;
        return size > Integer.MAX_VALUE ? Part.BROKEN : Part.SIZE;
    }

    private static Part expect(char wanted, byte next, Part then) {
        return next == wanted ? then : Part.BROKEN;
    }

    /** Whether a chunked body has had more than so many bytes; a declared length bounds itself. */
    boolean exceeds(long most) {
        return chunked && bytes > most;
    }

    /** Whether the chunked framing is malformed. */
    boolean broken() {
        return part == Part.BROKEN;
    }

    /** Whether some of it may still be on its way. */
    boolean isIncomplete() {
        return chunked ? part != Part.END : bytes < length;
    }
}
