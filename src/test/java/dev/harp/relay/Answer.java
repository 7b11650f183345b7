package dev.harp.relay;

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
 * What a relay has answered.
 *
 * @param lines the status line and the header fields, as they came
 */
record Answer(int status, List<String> lines, String body) {

    /** The field, if it is there; it may be there once only. */
    Optional<String> header(String name) {
        List<String> values = headers(name);
        assertThat(name + " in " + lines, values.size(), lessThan(2));
        return values.stream().findFirst();
    }

    List<String> headers(String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return lines.stream()
                .skip(1)
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .toList();
    }

    JsonObject json() {
        try (var reader = Json.createReader(new StringReader(body))) {
            return reader.readObject();
        }
    }

    String text(String member) {
        return json().getString(member);
    }

    long number(String member) {
        return json().getJsonNumber(member).longValueExact();
    }

    /** The code of a problem; empty for every other answer. */
    String code() {
        return header("Content-Type").orElse("").startsWith("application/problem+json") ? text("code") : "";
    }

    /** This answer, which has to have the status. */
    Answer is(int wanted) {
        assertThat(body, status, equalTo(wanted));
        return this;
    }

    /** This answer, which has to be the problem. */
    Answer is(int wanted, String code) {
        assertThat(body, status + " " + code(), equalTo(wanted + " " + code));
        return this;
    }

    /** All that a stranger could compare with another answer: everything but the date. */
    String comparable() {
        return String.join(
                        "\n",
                        lines.stream()
                                .filter(line -> !line.startsWith("Date:") && !line.startsWith("RateLimit"))
                                .toList())
                + "\n\n"
                + body;
    }
}
