package dev.harp.relay.http.api;

import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.ClientAddress;
import io.helidon.http.Method;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Map;

/**
 * {@code /v1/about}: the relay's time, and what it sees of its caller ({@code docs/protocol.md}, section 12.3).
 *
 * <p>Without it nobody can tell from outside whether a proxy passes the client's address on. It says nothing that the caller could not
 * find out by its rate limit.
 */
final class AboutRoute {
    private final ClientAddress clients;
    private final InstantSource clock;

    AboutRoute(ClientAddress clients, InstantSource clock) {
        this.clients = clients;
        this.clock = clock;
    }

    void addTo(Router router) {
        router.add("/v1/about", Map.of(Method.GET, this::about));
    }

    private Reply about(Call call) {
        InetAddress address = call.address(clients);
        return Reply.ok(json -> json.writeStartObject()
                .write("time", clock.instant().getEpochSecond())
                .write("client_address", AddressFormat.FULL.of(address).orElseThrow())
                .write("forwarded", call.forwarded(clients))
                .writeEnd());
    }
}
