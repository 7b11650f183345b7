package dev.harp.relay.outbound;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads answers off a connection (RFC 9112), and no more of them than its owner wants. How long that takes is for the owner to bound.
 */
public final class HttpAnswerReader {
    private static final int MAX_HEAD = 32 * 1024;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.([01]) ([1-5]\\d\\d)(?: .*)?");
    private static final Pattern FIELD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:.*");

    private final InputStream in;
    private final int mostOfBody;
    private final boolean whole;
    private int left;
    private boolean begun;

    /**
     * What was answered. Nothing in it is to be trusted.
     *
     * @param status 200 to 599
     * @param headers the header lines, as {@code Name: value}
     * @param keepsConnection whether another request may follow
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Answer(int status, List<String> headers, byte[] body, boolean keepsConnection) {

        /** Copies the lines. */
        public Answer {
            headers = List.copyOf(headers);
        }

        /** The values of this name, given in lower case. */
        public List<String> values(String name) {
            return HttpAnswerReader.values(headers, name);
        }
    }

    /** What came is not HTTP/1.1, or larger than any answer that is expected. */
    public static final class NotHttp extends IOException {
        private static final long serialVersionUID = 1L;

        NotHttp(String what) {
            super(what);
        }
    }

    private HttpAnswerReader(InputStream in, int mostOfBody, boolean whole) {
        this.in = new BufferedInputStream(in);
        this.mostOfBody = mostOfBody;
        this.whole = whole;
    }

    /** Of answers that are to be whole; a body of more bytes than that is {@link NotHttp}. */
    public static HttpAnswerReader ofWhole(InputStream in, int mostOfBody) {
        return new HttpAnswerReader(in, mostOfBody, true);
    }

    /** Of one answer, of whose body no more than so many bytes are of interest. */
    static HttpAnswerReader ofBeginning(InputStream in, int mostOfBody) {
        return new HttpAnswerReader(in, mostOfBody, false);
    }

    /**
     * The next answer; interim ones are passed over.
     *
     * @throws NotHttp if it is none
     * @throws EOFException if the connection ends in orderly manner before it does
     * @throws IOException as the connection has it
     */
    public Answer next() throws IOException {
        left = MAX_HEAD;
        begun = false;
        while (true) {
            Matcher status = STATUS.matcher(line());
            if (!status.matches()) {
                throw new NotHttp("what came does not begin as HTTP/1.1 does");
            }
            List<String> headers = headers();
            int code = Integer.parseInt(status.group(2));
            if (code >= 200) {
                return answer(code, status.group(1).equals("1"), headers);
            }
        }
    }

    /** Whether anything of the answer had come when it failed. */
    public boolean begun() {
        return begun;
    }

    private Answer answer(int status, boolean oneDotOne, List<String> headers) throws IOException {
        boolean close = !oneDotOne || values(headers, "connection").stream().anyMatch(value -> value.contains("close"));
        List<String> lengths = values(headers, "content-length");
        List<String> codings = values(headers, "transfer-encoding");
        byte[] body;
        if (status == 204 || status == 304 || (!whole && mostOfBody == 0)) {
            body = new byte[0];
        } else if (!codings.isEmpty()) {
            if (!codings.equals(List.of("chunked")) || !lengths.isEmpty()) {
                throw unclear();
            }
            body = chunks();
        } else if (!lengths.isEmpty()) {
            if (lengths.stream().distinct().count() > 1 || !lengths.getFirst().matches("\\d{1,9}")) {
                throw unclear();
            }
            body = exactly(Integer.parseInt(lengths.getFirst()));
        } else {
            close = true;
            body = in.readNBytes(whole ? mostOfBody + 1 : mostOfBody);
            if (body.length > mostOfBody) {
                throw tooLarge();
            }
        }
        return new Answer(status, headers, body, !close);
    }

    private static List<String> values(List<String> headers, String name) {
        return headers.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip().toLowerCase(Locale.ROOT))
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
        return List.copyOf(headers);
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String size = line().replaceFirst(";.*", "").strip();
            if (!size.matches("[0-9A-Fa-f]{1,6}")) {
                throw new NotHttp("the size of a chunk is malformed");
            }
            int bytes = Integer.parseInt(size, 16);
            if (bytes == 0) {
                var _ = headers();
                return body.toByteArray();
            }
            if (body.size() + bytes > mostOfBody) {
                if (whole) {
                    throw tooLarge();
                }
                body.writeBytes(exactly(mostOfBody - body.size()));
                return body.toByteArray();
            }
            body.writeBytes(exactly(bytes));
            if (!line().isEmpty()) {
                throw new NotHttp("a chunk does not end where it should");
            }
            left = MAX_HEAD;
        }
    }

    private byte[] exactly(int bytes) throws IOException {
        if (whole && bytes > mostOfBody) {
            throw tooLarge();
        }
        int wanted = Math.min(bytes, mostOfBody);
        byte[] read = in.readNBytes(wanted);
        if (read.length < wanted) {
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

    private static NotHttp tooLarge() {
        return new NotHttp("the answer is larger than any that is expected");
    }

    private static NotHttp unclear() {
        return new NotHttp("the answer's length is unclear");
    }
}
