package dev.harp.relay;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.ObservingProxy;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A relay of a later version, to its clients: it adds to the answers of this one what 1.5 of {@code docs/protocol.md}
 * lets be added. Every object has one more member, and every value of a list that may grow is one that no client knows.
 */
final class LaterRelay {
    static final String LATER = "_of_later";

    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> GROWING = Set.of("state", "status", "push", "forwarded", "code");

    private LaterRelay() {}

    static ObservingProxy before(int relay) {
        return ObservingProxy.changing(relay, LaterRelay::grown);
    }

    private static HttpAnswer grown(HttpAnswer answer) {
        return answer.body().isEmpty()
                ? answer
                : new HttpAnswer(
                        answer.status(),
                        answer.lines(),
                        grown(JSON.readTree(answer.body())).toString());
    }

    private static JsonNode grown(JsonNode node) {
        switch (node) {
            case ObjectNode object -> {
                object.properties().forEach(member -> grown(member.getValue()));
                GROWING.forEach(name -> object.optional(name)
                        .filter(JsonNode::isString)
                        .ifPresent(value -> object.put(name, value.asString() + LATER)));
                object.putObject("added").put("by", "a later version");
            }
            case ArrayNode items -> items.forEach(LaterRelay::grown);
            default -> {}
        }
        return node;
    }
}
