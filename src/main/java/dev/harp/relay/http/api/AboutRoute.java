package dev.harp.relay.http.api;

import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.service.Devices;
import io.helidon.http.Method;
import jakarta.json.stream.JsonGenerator;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /v1/about}: the relay's time, how the relay sees its client, and what a client has to know of the relay
 * ({@code docs/protocol.md}, section 12.3).
 *
 * <p>It lets an operator test from outside whether a proxy passes the client's address on. It reveals nothing that the
 * client could not find out by its calls.
 */
record AboutRoute(PublicServer.Settings settings, InstantSource clock) {
    void addTo(Router router) {
        router.add("/v1/about", Map.of(Method.GET, this::about));
    }

    private Reply about(Call call) {
        Client client = call.client();
        Optional<String> vapidKey = settings.vapidKey().get();
        return Reply.ok(json -> {
            json.writeStartObject()
                    .write("time", clock.instant().getEpochSecond())
                    .write(
                            "client_address",
                            AddressFormat.FULL.of(client.address()).orElseThrow())
                    .write("forwarded", client.forwarded().name().toLowerCase(Locale.ROOT))
                    .write("app", settings.app().flatMap(AppFiles::digest).isPresent());
            settings.publicUrl().ifPresent(url -> json.write("public_url", url));
            vapidKey.ifPresent(key -> json.write("vapid_public_key", key));
            limits(json.writeStartObject("limits"));
            json.writeEnd();
        });
    }

    private void limits(JsonGenerator json) {
        ProtocolLimits terms = settings.terms();
        json.write("max_ciphertext", terms.maxCiphertext())
                .write("max_answer", terms.maxAnswer())
                .write("max_payload", ProtocolLimits.MAX_PAYLOAD)
                .write("max_ttl", RequestRoutes.MAX_TTL)
                .write("max_pairing_ttl", PairingRoutes.MAX_TTL)
                .write("max_wait", settings.maxWait().toSeconds())
                .write("max_open_requests", terms.maxOpenRequests())
                .write("max_list", Devices.PAGE)
                .write("replay_window", terms.replayWindow().toSeconds())
                .write("retention", terms.retention().toSeconds())
                .writeEnd();
    }
}
