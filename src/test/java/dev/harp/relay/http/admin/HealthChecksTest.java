package dev.harp.relay.http.admin;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.helidon.http.Status;
import io.helidon.webclient.http1.Http1Client;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.testing.junit5.ServerTest;
import io.helidon.webserver.testing.junit5.SetUpServer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code /live} and {@code /ready}, as Helidon serves them with our checks. */
@ServerTest
class HealthChecksTest {
    private static final AtomicBoolean UP = new AtomicBoolean();
    private static final AtomicBoolean THROWS = new AtomicBoolean();

    private final Http1Client client;

    HealthChecksTest(Http1Client client) {
        this.client = client;
    }

    @SetUpServer
    static void server(WebServerConfig.Builder server) {
        Check store = new Check("store", () -> {
            if (THROWS.get()) {
                throw new IllegalStateException("secret-canary");
            }
            return true;
        });
        server.featuresDiscoverServices(false)
                .addFeature(AdminServer.health(List.of(new Check("serving", UP::get), store)));
    }

    @BeforeEach
    void allUp() {
        UP.set(true);
        THROWS.set(false);
    }

    /** Helidon alone would answer 500, with the exception's message. */
    @Test
    void aCheckThatThrowsIsDownAndItsTextIsNotShown() {
        THROWS.set(true);
        var answer = client.get("/ready").request(String.class);
        assertThat(answer.status(), is(Status.SERVICE_UNAVAILABLE_503));
        assertThat(answer.entity(), containsString("{\"name\":\"store\",\"status\":\"DOWN\"}"));
        assertThat(answer.entity(), not(containsString("canary")));
    }

    @Test
    void readyListsEveryCheck() {
        var up = client.get("/ready").request(String.class);
        assertThat(up.status(), is(Status.OK_200));
        assertThat(
                up.entity(),
                is("{\"status\":\"UP\",\"checks\":[{\"name\":\"serving\",\"status\":\"UP\"},"
                        + "{\"name\":\"store\",\"status\":\"UP\"}]}"));
        UP.set(false);
        var down = client.get("/ready").request(String.class);
        assertThat(down.status(), is(Status.SERVICE_UNAVAILABLE_503));
        assertThat(down.entity(), containsString("\"status\":\"DOWN\",\"checks\""));
        assertThat(client.head("/ready").request().status(), is(Status.SERVICE_UNAVAILABLE_503));
    }

    /** A relay that is not ready is alive: a restart would lose its records. */
    @Test
    void liveDependsOnNoCheck() {
        UP.set(false);
        var answer = client.get("/live").request(String.class);
        assertThat(answer.status(), is(Status.OK_200));
        assertThat(answer.entity(), is("{\"status\":\"UP\",\"checks\":[]}"));
        assertThat(client.head("/live").request().status(), is(Status.NO_CONTENT_204));
    }

    @Test
    void aCachedCheckIsEvaluatedOnceASecond() {
        AtomicLong nanos = new AtomicLong(-1);
        AtomicInteger evaluated = new AtomicInteger();
        Check check = Check.cached("listener", () -> evaluated.incrementAndGet() == 1, nanos::get);
        assertThat(check.up(), is(true));
        nanos.addAndGet(999_999_999);
        assertThat(check.up(), is(true));
        nanos.addAndGet(1);
        assertThat(check.up(), is(false));
        assertThat(evaluated.get(), is(2));
    }
}
