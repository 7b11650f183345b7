package dev.harp.relay.doctor;

import dev.harp.json.Json;
import dev.harp.relay.outbound.HttpAnswer;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** An answer that should be a relay's. Nothing in it is trusted: each method checks the form of what it returns. */
record RelayAnswer(HttpAnswer http) {

    int status() {
        return http.status();
    }

    String body() {
        return new String(http.body(), StandardCharsets.UTF_8);
    }

    /** The first value of the header field. */
    Optional<String> header(String name) {
        return http.values(name).stream().findFirst();
    }

    /** This answer, if it has the status. */
    RelayAnswer is(int wanted) throws Failed {
        if (status() != wanted) {
            throw unexpected();
        }
        return this;
    }

    Failed unexpected() {
        return new Failed(status() == 505 ? Failed.Kind.OLD_VERSION : Failed.Kind.UNEXPECTED, Advice.on(this));
    }

    /** A member of the JSON object in the body, if it is a string that matches. */
    Optional<String> text(String member, String form) {
        return json().flatMap(object -> Json.string(object, member)).filter(text -> text.matches(form));
    }

    /** A member of the JSON object in the body, if it is an integer of at most 15 digits. */
    OptionalLong number(String member) {
        return json().map(object -> object.get(member))
                .filter(JsonNumber.class::isInstance)
                .map(Object::toString)
                .filter(text -> text.matches("-?\\d{1,15}"))
                .map(text -> OptionalLong.of(Long.parseLong(text)))
                .orElse(OptionalLong.empty());
    }

    /** The members of the JSON object in the body whose names and strings have these forms, by name. */
    SortedMap<String, String> texts(String names, String form) {
        SortedMap<String, String> texts = new TreeMap<>();
        json().ifPresent(object -> object.keySet().stream()
                .filter(name -> name.matches(names))
                .forEach(name -> text(name, form).ifPresent(text -> texts.put(name, text))));
        return texts;
    }

    /** A limit that the relay tells ({@code docs/protocol.md}, 12.3); 0 if it tells none. */
    int limit(String member) {
        return json().flatMap(object -> Optional.ofNullable(object.get("limits")))
                .filter(JsonObject.class::isInstance)
                .map(limits -> limits.asJsonObject().get(member))
                .filter(JsonNumber.class::isInstance)
                .map(Object::toString)
                .filter(text -> text.matches("\\d{1,9}"))
                .map(Integer::parseInt)
                .orElse(0);
    }

    /** Whether a member of the JSON object in the body is {@code true}. */
    boolean flag(String member) {
        return json().map(object -> JsonValue.TRUE.equals(object.get(member))).orElse(false);
    }

    /** The error code, if the body is a problem document of the relay; otherwise empty. */
    String code() {
        return isOf("application/problem+json") ? text("code", "[a-z_]{1,40}").orElse("") : "";
    }

    /** Whether a proxy has added its fields: a relay sends neither. */
    boolean showsProxy() {
        return header("Server").isPresent() || header("Via").isPresent();
    }

    private Optional<JsonObject> json() {
        return isOf("application/json") || isOf("application/problem+json")
                ? Json.tryObject(http.body())
                : Optional.empty();
    }

    boolean isOf(String type) {
        return header("Content-Type")
                .map(value ->
                        value.toLowerCase(Locale.ROOT).replaceFirst(";.*", "").strip())
                .filter(type::equals)
                .isPresent();
    }
}
