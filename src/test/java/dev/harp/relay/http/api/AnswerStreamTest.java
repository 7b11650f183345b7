package dev.harp.relay.http.api;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webclient.http1.Http1Client;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.ServerTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import java.io.OutputStream;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client gets of an answer that is written in pieces. */
@ServerTest
class AnswerStreamTest {
    private static final int BOUND = 100;

    private final Http1Client client;

    AnswerStreamTest(Http1Client client) {
        this.client = client;
    }

    /** Writes so many pieces of so many bytes: the first as single bytes, and a flush after each. */
    @SetUpRoute
    static void routing(HttpRouting.Builder routing) {
        routing.get("/{pieces}/{size}", (request, response) -> {
            int pieces = Integer.parseInt(request.path().pathParameters().get("pieces"));
            byte[] piece = "a"
                    .repeat(Integer.parseInt(request.path().pathParameters().get("size")))
                    .getBytes(US_ASCII);
            try (OutputStream out = new AnswerStream(response, BOUND)) {
                for (int i = 0; i < pieces; i++) {
                    if (i == 0) {
                        for (byte each : piece) {
                            out.write(each);
                        }
                    } else {
                        out.write(piece);
                    }
                    out.flush();
                }
            }
        });
    }

    /** Between the bound and the buffer of Helidon's stream, that stream has the whole answer, too. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, true",
        "2, 50, true",
        "1, 100, true",
        "1, 101, true",
        "101, 1, true",
        "2, 51, true",
        "1, 100000, false",
        "3, 40000, false"
    })
    void aShortAnswerHasALengthAndALongOneIsSentInPieces(int pieces, int size, boolean whole) {
        var answer = client.get("/" + pieces + "/" + size).request(String.class);
        assertThat(answer.status(), is(Status.OK_200));
        assertThat(answer.entity(), is("a".repeat(pieces * size)));
        assertThat(
                answer.headers().first(HeaderNames.CONTENT_LENGTH),
                is(whole ? Optional.of("" + pieces * size) : Optional.empty()));
    }

    @Test
    void anAnswerOfNothingIsComplete() {
        var answer = client.get("/0/0").request();
        assertThat(answer.status(), is(Status.OK_200));
        assertThat(answer.headers().first(HeaderNames.CONTENT_LENGTH), is(Optional.of("0")));
    }
}
