package dev.harp.relay.doctor;

import dev.harp.relay.outbound.HttpAnswerReader;
import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What was answered. Nothing in it is to be trusted: a check takes out what it needs by a method that checks the form.
 *
 * @param status 200 to 599
 * @param headers the header lines, as {@code Name: value}
 * @param keepsConnection whether another request may follow
 */
record HttpAnswer(int status, List<String> headers, String body, boolean keepsConnection) {

    static HttpAnswer of(HttpAnswerReader.Answer read) {
        return new HttpAnswer(
                read.status(), read.headers(), new String(read.body(), StandardCharsets.UTF_8), read.keepsConnection());
    }

    /** The first value of this name; empty if there is none. */
    Optional<String> header(String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return headers.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .findFirst();
    }

    /** This answer, which has to have the status. */
    HttpAnswer is(int wanted) throws Unexpected {
        if (status != wanted) {
            throw new Unexpected(this);
        }
        return this;
    }

    /** A member of the JSON object in the body, if it is text and matches. */
    Optional<String> text(String member, String form) {
        return json().map(object -> object.get(member))
                .filter(JsonString.class::isInstance)
                .map(value -> ((JsonString) value).getString())
                .filter(text -> text.matches(form));
    }

    /** A member of the JSON object in the body, if it is a whole number of reasonable size. */
    OptionalLong number(String member) {
        return json().map(object -> object.get(member))
                .filter(JsonNumber.class::isInstance)
                .map(Object::toString)
                .filter(text -> text.matches("-?\\d{1,15}"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }

    /** The code, if it is a problem document in the relay's form; otherwise empty. */
    String code() {
        return isOf("application/problem+json") ? text("code", "[a-z_]{1,40}").orElse("") : "";
    }

    /** Whether a proxy shows itself: a relay names no server, and speaks no TLS. */
    boolean showsProxy() {
        return header("Server").isPresent() || header("Via").isPresent();
    }

    private Optional<JsonObject> json() {
        if (!isOf("application/json") && !isOf("application/problem+json")) {
            return Optional.empty();
        }
        try (JsonReader reader = Json.createReader(new StringReader(body))) {
            return Optional.of(reader.readObject());
        } catch (RuntimeException e) {
            return Optional.empty(); // Parsson says in many ways that this is no JSON object
        }
    }

    private boolean isOf(String type) {
        return header("Content-Type")
                .map(value ->
                        value.toLowerCase(Locale.ROOT).replaceFirst(";.*", "").strip())
                .filter(type::equals)
                .isPresent();
    }
}
