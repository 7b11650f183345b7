package dev.harp.relay.outbound;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A request as it is written to the wire.
 *
 * @param target path and query, written as they are
 * @param headers fields besides {@code Host} and {@code Content-Length}, in the map's order
 * @param body may be empty
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
public record HttpRequest(String method, String target, Map<String, String> headers, byte[] body) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]+");
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]*");

    /**
     * Checks the header fields.
     *
     * @throws IllegalArgumentException if one of them would break out of its line
     */
    public HttpRequest {
        headers.forEach((name, value) -> {
            if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
                throw new IllegalArgumentException("malformed header field");
            }
        });
    }

    /** The request with this value of {@code Host}. */
    byte[] bytes(String authority) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: " + authority + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (body.length > 0 || method.equals("POST")) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream(head.length() + 2 + body.length);
        request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        return request.toByteArray();
    }
}
