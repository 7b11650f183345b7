package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.push.VapidKeys;
import jakarta.json.JsonObject;
import org.junit.jupiter.api.Test;

/** What {@code GET /v1/about} tells of the relay's options. */
class AboutTest extends WithRelay {
    /** 12.3 */
    @Test
    void aboutTellsWhatTheOperatorHasSet() {
        VapidKeys keys = VapidKeys.generate();
        String vapid = "VAPID_KEY=" + keys.text();
        JsonObject told = start(
                        "PUBLIC_URL=https://Relay.example.org:443/harp/",
                        "PUSH=webpush",
                        vapid,
                        "VAPID_SUBJECT=mailto:ops@example.org",
                        "MAX_CIPHERTEXT=2048",
                        "MAX_WAIT=60",
                        "MAX_OPEN_REQUESTS=7",
                        "RETENTION=400",
                        "REPLAY_WINDOW=90")
                .get("/v1/about", NO_TOKEN)
                .is(200)
                .json();
        assertThat(told.getString("public_url"), is("https://relay.example.org/harp"));
        assertThat(told.getString("vapid_public_key"), is(keys.publicText()));
        assertThat(told.toString(), not(containsString(keys.text().substring(88))));
        assertThat(
                told.getJsonObject("limits").toString(),
                is("{\"max_ciphertext\":2048,\"max_answer\":16384,"
                        + "\"max_payload\":8192,\"max_ttl\":86400,\"max_pairing_ttl\":600,"
                        + "\"max_wait\":60,\"max_open_requests\":7,\"max_list\":100,\"replay_window\":90,"
                        + "\"retention\":400}"));
        // A key that no push service is called with is none to subscribe with.
        assertThat(start(vapid).get("/v1/about", NO_TOKEN).json().containsKey("vapid_public_key"), is(false));
    }
}
