package dev.harp.relay.http.edge;

/**
 * Where a chunked body ends, by the letter of RFC 9112, section 7.1: sizes of hex digits only, CR LF behind each size and each chunk, no extensions, no trailers.
 *
 * <p>It reads along beside Helidon 4.5, which takes a size with a sign, and skips the two bytes behind a chunk whatever they are. A proxy that reads them
 * otherwise would see another end of the message, and so another beginning of the next one.
 */
final class Chunks {
    private enum Part {
        SIZE,
        SIZE_END,
        DATA,
        DATA_CR,
        DATA_LF,
        LAST_CR,
        LAST_LF,
        END,
        BROKEN
    }

    private Part part = Part.SIZE;
    private int digits;
    private long size;

    /** Reads on. What comes behind the end is the next request's, and not looked at. */
    void read(byte[] bytes, int from, int to) {
        for (int i = from; i < to && !ended() && !broken(); i++) {
            if (part == Part.DATA) {
                long skipped = Math.min(size, to - i);
                size -= skipped;
                i += (int) skipped - 1;
                part = size == 0 ? Part.DATA_CR : Part.DATA;
            } else {
                part = after(bytes[i]);
            }
        }
    }

    private Part after(byte next) {
        return switch (part) {
            case SIZE -> size(next);
            case SIZE_END -> is('\n', next, size == 0 ? Part.LAST_CR : Part.DATA);
            case DATA_CR -> is('\r', next, Part.DATA_LF);
            case DATA_LF -> {
                digits = 0;
                yield is('\n', next, Part.SIZE);
            }
            case LAST_CR -> is('\r', next, Part.LAST_LF);
            case LAST_LF -> is('\n', next, Part.END);
            case DATA, END, BROKEN -> part;
        };
    }

    private Part size(byte next) {
        int digit = next < 0 ? -1 : Character.digit(next, 16);
        if (digit < 0) {
            return digits > 0 ? is('\r', next, Part.SIZE_END) : Part.BROKEN;
        }
        digits++;
        size = 16 * size + digit;
        return size > Integer.MAX_VALUE ? Part.BROKEN : Part.SIZE;
    }

    private static Part is(char wanted, byte given, Part then) {
        return given == wanted ? then : Part.BROKEN;
    }

    /** Whether the last chunk has come. */
    boolean ended() {
        return part == Part.END;
    }

    /** Whether something has come that is no chunk. */
    boolean broken() {
        return part == Part.BROKEN;
    }
}
