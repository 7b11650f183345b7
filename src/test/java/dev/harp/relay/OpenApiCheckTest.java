package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.testing.HttpAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code openapi.yaml} leaves room for additions to answers, and the check of this relay's answers leaves none. */
class OpenApiCheckTest {
    private static final JsonNode DOCUMENT = StrictSchemas.resource("/openapi.yaml");
    private static final JsonNode SCHEMAS = DOCUMENT.at("/components/schemas");
    private static final StrictSchemas STRICT = new StrictSchemas(SCHEMAS);

    /** Paths of what a later relay may not add: closed objects and closed lists of values. */
    private static void closed(String path, JsonNode node, List<String> found) {
        node.properties().forEach(part -> {
            if (List.of("additionalProperties", "unevaluatedProperties", "enum", "const", "oneOf", "not", "if")
                    .contains(part.getKey())) {
                found.add(path + "/" + part.getKey());
            }
            closed(path + "/" + part.getKey(), part.getValue(), found);
        });
    }

    @Test
    void nothingThatIsPublishedIsClosed() {
        List<String> found = new ArrayList<>();
        closed("", DOCUMENT, found);
        assertThat(found, is(List.of()));
    }

    /** Whoever reads 32 bits by default must not read times so. */
    @Test
    void timesHaveSixtyFourBits() {
        var narrow = new TreeSet<String>();
        SCHEMAS.properties()
                .forEach(schema -> schema.getValue().path("properties").properties().stream()
                        .filter(member -> member.getKey().equals("time")
                                || member.getKey().endsWith("_at")
                                || member.getKey().endsWith("_used"))
                        .filter(member -> !DOCUMENT.at(member.getValue()
                                        .path("$ref")
                                        .asString("#/none")
                                        .substring(1))
                                .path("format")
                                .asString(member.getValue().path("format").asString(""))
                                .equals("int64"))
                        .forEach(member -> narrow.add(schema.getKey() + "." + member.getKey())));
        assertThat(narrow, is(new TreeSet<>()));
    }

    private static String errors(String schema, String value) {
        return String.join("\n", STRICT.errors(schema, new JsonMapper().readTree(value)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "an undocumented member          | ChangedDevice    | {\"device_id\":\"dev_0f1e2d3c4b5a\",\"x\":1}",
                "one within another              | PairingView      | {\"pair_id\":\"pair_a1b2c3d4e5f6\","
                        + "\"status\":\"pending\",\"expires_at\":1,\"next\":{\"x\":1}}",
                "an undocumented value           | Health           | {\"status\":\"degraded\"}",
                "a member of another status      | PairingView      | {\"pair_id\":\"pair_a1b2c3d4e5f6\","
                        + "\"status\":\"pending\",\"expires_at\":1,\"device_id\":\"dev_0f1e2d3c4b5a\"}",
                "a member that is missing there  | PairingView      | {\"pair_id\":\"pair_a1b2c3d4e5f6\","
                        + "\"status\":\"active\",\"paired_at\":1}",
                "a withdrawn one with an envelope| ListedRequest    | "
                        + "{\"request_id\":\"019b76da-a800-7c3e-9d2b-4f6a8b0c1d2e\",\"pair_id\":\"pair_a1b2c3d4e5f6\","
                        + "\"state\":\"cancelled\",\"nonce\":\"AA\"}",
                "an answer before its state      | RequestView      | "
                        + "{\"request_id\":\"019b76da-a800-7c3e-9d2b-4f6a8b0c1d2e\",\"pair_id\":\"pair_a1b2c3d4e5f6\","
                        + "\"state\":\"delivered\",\"created_at\":1,\"expires_at\":2,\"delivered_at\":1,"
                        + "\"responded_at\":1}",
            })
    void whatIsNotDescribedIsAnError(String what, String schema, String value) {
        assertThat(what, errors(schema, value).isEmpty(), is(false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PairingView | {\"pair_id\":\"pair_a1b2c3d4e5f6\",\"status\":\"pending\",\"expires_at\":1}",
                "Health      | {\"status\":\"ok\"}",
                "ChangedDevice | {\"device_id\":\"dev_0f1e2d3c4b5a\"}",
            })
    void whatIsDescribedIsNone(String schema, String value) {
        assertThat(errors(schema, value), is(""));
    }

    private static HttpAnswer problem(int status, String code) {
        String body = "{\"type\":\"urn:harp-relay:problem:%s\",\"title\":\"t\",\"status\":%d,"
                .concat("\"detail\":\"d\",\"code\":\"%s\"}")
                .formatted(code, status, code);
        return new HttpAnswer(
                status,
                List.of("HTTP/1.1 " + status, "Content-Type: application/problem+json", "Cache-Control: no-store"),
                body);
    }

    /** An answer to one call may be wrong, though another call may have it. */
    @Test
    void aCodeOfAnotherCallIsAnError() {
        OpenApiCheck.API.check("DELETE", "/v1/requests/x", problem(409, "already_decided"));
        AssertionError wrong = assertThrows(
                AssertionError.class,
                () -> OpenApiCheck.API.check("DELETE", "/v1/requests/x", problem(409, "already_paired")));
        assertThat(wrong.getMessage(), containsString("no such code here"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "request | {\"request_id\":\"019b76da-a800-7c3e-9d2b-4f6a8b0c1d2e\",\"pair_id\":\"pair_a1b2c3d4e5f6\","
                        + "\"state\":\"cancelled\",\"nonce\":\"AA\"}",
                "reset   | {\"x\":1}",
                "news    | {}",
            })
    void anEventThatIsNotDescribedIsAnError(String name, String data) {
        assertThrows(
                AssertionError.class,
                () -> OpenApiCheck.API.checkEvent("/v1/devices/x/events", new EventClient.Event(name, "1", data)));
    }
}
