package dev.harp.testing;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.lessThan;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A response as it was received.
 *
 * @param lines the status line and the header lines
 */
public record HttpAnswer(int status, List<String> lines, String body) {

    /** The header's value. Fails if the header occurs more than once. */
    public Optional<String> header(String name) {
        List<String> values = headers(name);
        assertThat(name + " in " + lines, values.size(), lessThan(2));
        return values.stream().findFirst();
    }

    public List<String> headers(String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return lines.stream()
                .skip(1)
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .toList();
    }

    public JsonObject json() {
        try (var reader = Json.createReader(new StringReader(body))) {
            return reader.readObject();
        }
    }

    /** A string of the JSON body. */
    public String text(String member) {
        return json().getString(member);
    }

    /** An integer of the JSON body. */
    public long number(String member) {
        return json().getJsonNumber(member).longValueExact();
    }

    /** The code of a problem; empty for every other response. */
    public String code() {
        return header("Content-Type").orElse("").startsWith("application/problem+json") ? text("code") : "";
    }

    /** This response. Fails if it has another status. */
    public HttpAnswer is(int wanted) {
        assertThat(body, status, equalTo(wanted));
        return this;
    }

    /** This response. Fails if it is not this problem. */
    public HttpAnswer is(int wanted, String code) {
        assertThat(body, status + " " + code(), equalTo(wanted + " " + code));
        return this;
    }

    /** Everything that an attacker could compare with another response: all but the date and the rate limit. */
    public String comparable() {
        String head = String.join(
                "\n",
                lines.stream()
                        .filter(line -> !line.startsWith("Date:") && !line.startsWith("RateLimit"))
                        .toList());
        return head + "\n\n" + body;
    }
}
