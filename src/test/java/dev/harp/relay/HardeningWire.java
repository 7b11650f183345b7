package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.HttpAnswer;
import java.util.List;

/** Hostile bytes on the wire. */
abstract class HardeningWire extends WithRelay {
    static final String POST = "POST /v1/devices HTTP/1.1\r\nHost: r\r\nContent-Type: application/json\r\n";
    static final String SMUGGLED = "GET /openapi.yaml HTTP/1.1\r\nHost: r\r\n\r\n";
    static final String HEALTH = "GET /health HTTP/1.1\r\nHost: r\r\n\r\n";

    /** Refused, as the only answer, with the end of the connection: nothing of what follows is taken for a request. */
    static void refused(TestRelay relay, String message) {
        List<HttpAnswer> answers = relay.answers(message + SMUGGLED);
        assertThat(
                message + " -> " + answers,
                answers.stream().map(HttpAnswer::status).toList(),
                is(List.of(400)));
        assertThat(message, answers.getFirst().code(), is("malformed_http"));
        assertThat(message, answers.getFirst().headers("Connection"), is(List.of("close")));
    }
}
