package dev.harp.relay.doctor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A request.
 *
 * @param headers further header lines, as {@code Name: value}; nothing that a server has written without having been checked
 * @param body JSON, or empty for none
 */
record Ask(String method, String path, List<String> headers, String body) {

    static Ask get(String path, String... headers) {
        return new Ask("GET", path, List.of(headers), "");
    }

    static Ask post(String path, List<String> headers, String body) {
        return new Ask("POST", path, headers, body);
    }

    static Ask delete(String path, String... headers) {
        return new Ask("DELETE", path, List.of(headers), "");
    }

    /** As it goes over the wire. */
    byte[] bytes(Target target) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n")
                .append("Host: " + target.authority() + "\r\n")
                .append("User-Agent: harp-relay-doctor\r\n");
        headers.forEach(header -> head.append(header).append("\r\n"));
        if (content.length > 0) {
            head.append("Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n");
        }
        byte[] start = head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(start, start.length + content.length);
        System.arraycopy(content, 0, all, start.length, content.length);
        return all;
    }
}
