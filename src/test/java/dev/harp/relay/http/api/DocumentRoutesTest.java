package dev.harp.relay.http.api;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.testing.RawClient;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webclient.http1.Http1Client;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.ServerTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, section 12. */
@ServerTest
class DocumentRoutesTest {
    private static final AtomicBoolean SERVING = new AtomicBoolean(true);

    private final Http1Client client;
    private final URI server;

    DocumentRoutesTest(Http1Client client, URI server) {
        this.client = client;
        this.server = server;
    }

    @SetUpRoute
    static void routing(HttpRouting.Builder routing) {
        routing.register(new DocumentRoutes(SERVING::get));
        new DescriptionRoute()
                .addTo((path, document) -> routing.any(
                        path, (request, response) -> document.apply(request).send(request, response)));
    }

    @Test
    void healthSaysOkUntilTheRelayDrains() {
        var well = client.get("/health").request(String.class);
        assertThat(well.status(), is(Status.OK_200));
        assertThat(well.entity(), is("{\"status\":\"ok\"}"));
        assertThat(
                well.headers().contentType().orElseThrow().mediaType().text(), is(MediaTypes.APPLICATION_JSON.text()));

        SERVING.set(false);

        var draining = client.get("/health").request(String.class);
        assertThat(draining.status(), is(Status.SERVICE_UNAVAILABLE_503));
        assertThat(draining.entity(), is("{\"status\":\"unavailable\"}"));
    }

    @Test
    void theDescriptionIsServedAsItIsPacked() {
        var answer = client.get("/openapi.yaml").request(String.class);
        assertThat(answer.status(), is(Status.OK_200));
        assertThat(answer.entity(), startsWith("openapi: 3.1"));
    }

    @Test
    void theDescriptionIsSentOnceToWhoKeepsIt() {
        String tag = client.get("/openapi.yaml")
                .request(String.class)
                .headers()
                .get(HeaderNames.ETAG)
                .get();
        for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            var again = client.get("/openapi.yaml")
                    .header(HeaderNames.IF_NONE_MATCH, known)
                    .request(String.class);
            assertThat(known, again.status(), is(Status.NOT_MODIFIED_304));
            assertThat(known, again.headers().get(HeaderNames.ETAG).get(), is(tag));
        }
        var other = client.get("/openapi.yaml")
                .header(HeaderNames.IF_NONE_MATCH, "\"other\"")
                .request(String.class);
        assertThat(other.status(), is(Status.OK_200));
    }

    @Test
    void headHasNoBody() throws IOException {
        // Helidon's client waits for the entity of a HEAD response until its read timeout.
        try (RawClient connection = new RawClient(server.getPort())) {
            connection.send("HEAD /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(
                    connection.answer("HEAD").is(200).header("Content-Length").isPresent(), is(true));
            assertThat(connection.answer().lines().getFirst(), startsWith("HTTP/1.1 "));
        }
    }

    @Test
    void anotherMethodIsToldWhatIsAllowed() {
        var answer = client.post("/health").request(String.class);
        assertThat(answer.status(), is(Status.METHOD_NOT_ALLOWED_405));
        assertThat(answer.headers().get(HeaderNames.ALLOW).get(), is("GET, HEAD"));
        assertThat(answer.headers().get(HeaderNames.CACHE_CONTROL).get(), is("no-store"));
    }
}
