package dev.harp.relay.http.api;

import dev.harp.relay.net.AddressFormat;
import io.helidon.http.Method;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;

/**
 * {@code /v1/about}: the relay's time, and how the relay sees its client ({@code docs/protocol.md}, section 12.3).
 *
 * <p>It lets an operator test from outside whether a proxy passes the client's address on. It reveals nothing that the
 * client could not find out by its rate limit.
 */
final class AboutRoute {
    private final InstantSource clock;

    AboutRoute(InstantSource clock) {
        this.clock = clock;
    }

    void addTo(Router router) {
        router.add("/v1/about", Map.of(Method.GET, this::about));
    }

    private Reply about(Call call) {
        Client client = call.client();
        return Reply.ok(json -> json.writeStartObject()
                .write("time", clock.instant().getEpochSecond())
                .write("client_address", AddressFormat.FULL.of(client.address()).orElseThrow())
                .write("forwarded", client.forwarded().name().toLowerCase(Locale.ROOT))
                .writeEnd());
    }
}
