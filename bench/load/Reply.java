package load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One HTTP answer in the loop's buffer; valid only while its receiver runs. */
public final class Reply {
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "transfer-encoding: chunked".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;
    private final int begin;
    private final int body;
    private final int end;

    private Reply(byte[] bytes, int begin, int body, int end) {
        this.bytes = bytes;
        this.begin = begin;
        this.body = body;
        this.end = end;
    }

    /**
     * The answer that begins at {@code begin}, or null if {@code bytes}, up to {@code limit}, do not hold all of it.
     */
    static Reply parse(byte[] bytes, int begin, int limit) {
        int length = 0;
        boolean chunked = false;
        int line = begin;
        for (int at = begin; at < limit; at++) {
            if (bytes[at] != '\n') {
                continue;
            }
            if (at - line <= 1) {
                int body = at + 1;
                int end = chunked ? chunksEnd(bytes, body, limit) : body + length;
                return end < 0 || end > limit ? null : new Reply(bytes, begin, body, end);
            }
            if (startsWith(bytes, line, at, LENGTH)) {
                length = Integer.parseInt(text(bytes, line + LENGTH.length, at).strip());
            } else if (startsWith(bytes, line, at, CHUNKED)) {
                chunked = true;
            }
            line = at + 1;
        }
        return null;
    }

    /** Where the last chunk ends, or -1. No trailers. */
    private static int chunksEnd(byte[] bytes, int from, int limit) {
        int at = from;
        while (true) {
            int line = at;
            while (at < limit && bytes[at] != '\n') {
                at++;
            }
            if (at >= limit) {
                return -1;
            }
            int size = Integer.parseInt(text(bytes, line, at).strip(), 16);
            at += 1 + size + 2;
            if (size == 0 || at > limit) {
                return at > limit ? -1 : at;
            }
        }
    }

    private static boolean startsWith(byte[] bytes, int from, int to, byte[] name) {
        if (to - from < name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            int c = bytes[from + i];
            if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != name[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether an answer begins with the status 200. */
    static boolean startsOk(byte[] bytes) {
        return text(bytes, 9, 12).equals("200");
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    int end() {
        return end;
    }

    /** The status. */
    public int status() {
        return Integer.parseInt(text(bytes, begin + 9, begin + 12));
    }

    /**
     * This answer.
     *
     * @throws IllegalStateException unless its status is 200, 201 or 202
     */
    public Reply ok() {
        if (bytes[begin + 9] != '2' || bytes[begin + 10] != '0' || bytes[begin + 11] > '2') {
            throw new IllegalStateException("unexpected answer: " + this);
        }
        return this;
    }

    /** The value of a header field by its exact name, or an empty text. */
    public String header(String name) {
        return between(begin, body, "\n" + name + ": ", '\r');
    }

    /** The value of the first member of that name in the body's JSON, a text without escapes, or an empty text. */
    public String member(String name) {
        return between(body, end, "\"" + name + "\":\"", '"');
    }

    private String between(int from, int to, String before, char after) {
        byte[] start = before.getBytes(StandardCharsets.US_ASCII);
        for (int at = from; at < to - start.length; at++) {
            if (bytes[at] == start[0] && Arrays.equals(bytes, at, at + start.length, start, 0, start.length)) {
                int first = at + start.length;
                int last = first;
                while (last < to && bytes[last] != after) {
                    last++;
                }
                return text(bytes, first, last);
            }
        }
        return "";
    }

    @Override
    public String toString() {
        return text(bytes, begin, end);
    }
}
