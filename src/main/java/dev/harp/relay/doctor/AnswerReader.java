package dev.harp.relay.doctor;

import dev.harp.relay.doctor.Failed.Kind;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads answers off a connection (RFC 9112), and no more of them than a relay could send. How long that takes is for whoever owns
 * the connection to bound.
 */
final class AnswerReader {
    private static final int MAX_HEAD = 32 * 1024;
    private static final int MAX_BODY = 1024 * 1024;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.([01]) ([1-5]\\d\\d)(?: .*)?");
    private static final Pattern FIELD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:.*");

    private final InputStream in;
    private int left;
    private boolean begun;

    AnswerReader(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    /**
     * The next answer; interim ones are passed over.
     *
     * @throws Failed if it is none, or the connection ends in orderly manner before it does
     * @throws IOException as the connection has it
     */
    Answer next() throws IOException {
        left = MAX_HEAD;
        begun = false;
        while (true) {
            Matcher status = STATUS.matcher(line());
            if (!status.matches()) {
                throw notHttp("what came does not begin as HTTP/1.1 does");
            }
            List<String> headers = headers();
            int code = Integer.parseInt(status.group(2));
            if (code >= 200) {
                return answer(code, status.group(1).equals("1"), headers);
            }
        }
    }

    /** Whether anything of the answer had come when it failed. */
    boolean begun() {
        return begun;
    }

    private Answer answer(int status, boolean oneDotOne, List<String> headers) throws IOException {
        Answer head = new Answer(status, headers, "", false);
        boolean close = !oneDotOne
                || head.header("Connection").orElse("").toLowerCase(Locale.ROOT).contains("close");
        List<String> lengths = values(headers, "content-length");
        List<String> codings = values(headers, "transfer-encoding");
        byte[] body;
        if (status == 204 || status == 304) {
            body = new byte[0];
        } else if (!codings.isEmpty()) {
            if (!codings.equals(List.of("chunked")) || !lengths.isEmpty()) {
                throw notHttp("the answer's length is unclear");
            }
            body = chunks();
        } else if (!lengths.isEmpty()) {
            if (lengths.stream().distinct().count() > 1 || !lengths.getFirst().matches("\\d{1,9}")) {
                throw notHttp("the answer's length is unclear");
            }
            body = exactly(Integer.parseInt(lengths.getFirst()));
        } else {
            close = true;
            body = in.readNBytes(MAX_BODY + 1);
            if (body.length > MAX_BODY) {
                throw tooLarge();
            }
        }
        return new Answer(status, headers, new String(body, StandardCharsets.UTF_8), !close);
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
                throw notHttp("a header field is malformed");
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
                throw notHttp("the size of a chunk is malformed");
            }
            int bytes = Integer.parseInt(size, 16);
            if (bytes == 0) {
                var _ = headers();
                return body.toByteArray();
            }
            if (body.size() + bytes > MAX_BODY) {
                throw tooLarge();
            }
            body.writeBytes(exactly(bytes));
            if (!line().isEmpty()) {
                throw notHttp("a chunk does not end where it should");
            }
            left = MAX_HEAD;
        }
    }

    private byte[] exactly(int bytes) throws IOException {
        if (bytes > MAX_BODY) {
            throw tooLarge();
        }
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw cut();
        }
        return read;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b == -1) {
                throw begun ? cut() : new Failed(Kind.CLOSED, "the connection was closed without an answer");
            }
            begun = true;
            if (--left < 0) {
                throw notHttp("the answer's head is larger than any of a relay");
            }
            line.write(b);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    private static Failed cut() {
        return new Failed(Kind.CUT, "the connection was closed in the middle of the answer");
    }

    private static Failed tooLarge() {
        return notHttp("the answer is larger than any of a relay");
    }

    private static Failed notHttp(String what) {
        return new Failed(
                Kind.NOT_HTTP, what + ": something else than a relay, or than a proxy in front of one, answers here");
    }
}
