package dev.harp.relay.http.api;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webclient.http1.Http1Client;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.ServerTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, section 12. */
@ServerTest
class DocumentRoutesTest {
    private static final Serving SERVING = new Serving();

    private final Http1Client client;

    DocumentRoutesTest(Http1Client client) {
        this.client = client;
    }

    @SetUpRoute
    static void routing(HttpRouting.Builder routing) {
        new DocumentRoutes(SERVING).addTo(routing);
    }

    @Test
    void healthSaysOkUntilTheRelayDrains() {
        var well = client.get("/health").request(String.class);
        assertThat(well.status(), is(Status.OK_200));
        assertThat(well.entity(), is("{\"status\":\"ok\"}"));
        assertThat(
                well.headers().contentType().orElseThrow().mediaType().text(), is(MediaTypes.APPLICATION_JSON.text()));

        SERVING.drain();

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
    void headHasNoBody() {
        var answer = client.head("/openapi.yaml").request(String.class);
        assertThat(answer.status(), is(Status.OK_200));
    }

    @Test
    void anotherMethodIsToldWhatIsAllowed() {
        var answer = client.post("/health").request(String.class);
        assertThat(answer.status(), is(Status.METHOD_NOT_ALLOWED_405));
        assertThat(answer.headers().get(HeaderNames.ALLOW).get(), is("GET, HEAD"));
        assertThat(answer.headers().get(HeaderNames.CACHE_CONTROL).get(), is("no-store"));
    }
}
