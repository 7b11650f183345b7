package dev.harp.relay.outbound;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads answers from a connection (RFC 9112), strictly and within bounds. The caller bounds the time. */
final class HttpAnswerReader {
    private static final int MAX_HEAD = 32 * 1024;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.([01]) ([1-5]\\d\\d)(?: .*)?");
    private static final Pattern FIELD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:.*");

    private final InputStream in;
    private int left;
    private boolean begun;

    HttpAnswerReader(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    /**
     * Reads the next answer, and skips interim ones.
     *
     * @throws NotHttp if the bytes are not an HTTP/1.1 answer within the bounds
     * @throws EOFException if the connection is closed before the answer is complete
     * @throws IOException if the connection fails
     */
    HttpAnswer next(BodyLimit limit) throws IOException {
        left = MAX_HEAD;
        begun = false;
        while (true) {
            Matcher status = STATUS.matcher(line());
            if (!status.matches()) {
                throw new NotHttp("the answer does not begin as HTTP/1.1 does");
            }
            List<String> headers = headers();
            int code = Integer.parseInt(status.group(2));
            if (code >= 200) {
                return answer(code, status.group(1).equals("1"), headers, limit);
            }
        }
    }

    /** Whether a part of the answer had arrived when reading failed. */
    boolean begun() {
        return begun;
    }

    private HttpAnswer answer(int status, boolean oneDotOne, List<String> headers, BodyLimit limit) throws IOException {
        boolean keep = oneDotOne && lowercase(headers, "Connection").stream().noneMatch(text -> text.contains("close"));
        List<String> lengths = HttpAnswer.values(headers, "Content-Length");
        List<String> codings = lowercase(headers, "Transfer-Encoding");
        byte[] body;
        if (status == 204 || status == 304 || limit.equals(BodyLimit.NONE)) {
            body = new byte[0];
        } else if (!codings.isEmpty()) {
            if (!codings.equals(List.of("chunked")) || !lengths.isEmpty()) {
                throw unclear();
            }
            body = chunks(limit);
        } else if (!lengths.isEmpty()) {
            if (lengths.stream().distinct().count() > 1 || !lengths.getFirst().matches("\\d{1,9}")) {
                throw unclear();
            }
            body = exactly(admitted(Integer.parseInt(lengths.getFirst()), limit));
        } else {
            keep = false;
            body = in.readNBytes(limit.whole() ? limit.bytes() + 1 : limit.bytes());
            var _ = admitted(body.length, limit);
        }
        return new HttpAnswer(status, headers, body, keep);
    }

    private static List<String> lowercase(List<String> headers, String name) {
        return HttpAnswer.values(headers, name).stream()
                .map(text -> text.toLowerCase(Locale.ROOT))
                .toList();
    }

    private List<String> headers() throws IOException {
        List<String> headers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            if (!FIELD.matcher(line).matches()) {
                throw new NotHttp("a header field is malformed");
            }
            headers.add(line);
        }
        return headers;
    }

    private byte[] chunks(BodyLimit limit) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int bytes = chunkSize();
            if (bytes == 0) {
                return body.toByteArray();
            }
            int wanted = admitted(body.size() + bytes, limit) - body.size();
            body.writeBytes(exactly(wanted));
            if (wanted < bytes) {
                return body.toByteArray();
            }
            endChunk();
        }
    }

    /** The size of the next chunk; after the last one, which is 0, the trailers are read, too. */
    private int chunkSize() throws IOException {
        String size = line().replaceFirst(";.*", "").strip();
        if (!size.matches("[0-9A-Fa-f]{1,6}")) {
            throw new NotHttp("the size of a chunk is malformed");
        }
        int bytes = Integer.parseInt(size, 16);
        if (bytes == 0) {
            var _ = headers();
        }
        return bytes;
    }

    private void endChunk() throws IOException {
        if (!line().isEmpty()) {
            throw new NotHttp("a chunk does not end where it should");
        }
        left = MAX_HEAD;
    }

    /**
     * Reads what comes next of the body of an answer that was read with {@link BodyLimit#NONE}.
     *
     * @param limit in bytes, for one part
     * @return empty at the end of the body
     */
    byte[] part(HttpAnswer answer, int limit) throws IOException {
        if (lowercase(answer.headers(), "Transfer-Encoding").isEmpty()) {
            byte[] some = new byte[limit];
            int bytes = in.read(some);
            return bytes < 0 ? new byte[0] : Arrays.copyOf(some, bytes);
        }
        int bytes = admitted(chunkSize(), new BodyLimit(limit, true));
        byte[] chunk = exactly(bytes);
        if (bytes > 0) {
            endChunk();
        }
        return chunk;
    }

    /** How many of so many bytes are read. */
    private static int admitted(int bytes, BodyLimit limit) throws NotHttp {
        if (limit.whole() && bytes > limit.bytes()) {
            throw new NotHttp("the answer is larger than any that is expected");
        }
        return Math.min(bytes, limit.bytes());
    }

    private byte[] exactly(int bytes) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new EOFException();
        }
        return read;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b == -1) {
                throw new EOFException();
            }
            begun = true;
            if (--left < 0) {
                throw new NotHttp("the answer's head is larger than any that is expected");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private static NotHttp unclear() {
        return new NotHttp("the answer's length is unclear");
    }
}
