package dev.harp.relay;

import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.relay.TestRelay.START;

import dev.harp.testing.HttpAnswer;
import jakarta.json.JsonObject;
import java.util.List;

/** What the tests of the interface have in common. */
abstract class ApiRig extends WithRelay {
    static final String OPENING = "{\"secret_hash\":\"" + SECRET + "\"}";
    static final String ANSWER = "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}";
    static final long NOW = START.getEpochSecond();

    static List<JsonObject> requests(HttpAnswer list) {
        return list.is(200).json().getJsonArray("requests").getValuesAs(JsonObject.class);
    }

    static List<String> ids(HttpAnswer list) {
        return requests(list).stream().map(item -> item.getString("request_id")).toList();
    }
}
