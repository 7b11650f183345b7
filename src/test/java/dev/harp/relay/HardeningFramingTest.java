package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where does the message end? Whatever two readers could answer differently is refused. */
@SuppressWarnings("StringConcatToTextBlock") // CR and LF are to be seen
class HardeningFramingTest extends HardeningWire {
    /** A length and chunks: the front end believes one, the back end the other. */
    @Test
    void lengthAndChunks() {
        TestRelay relay = start();
        refused(relay, POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}");
        refused(relay, POST + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n");
    }

    /** Two lengths. */
    @Test
    void twoLengths() {
        TestRelay relay = start();
        refused(relay, POST + "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}");
        refused(relay, POST + "Content-Length: 40\r\nContent-Length: 2\r\n\r\n{}");
        refused(relay, POST + "Content-Length: 2, 40\r\n\r\n{}");
        refused(relay, POST + "Content-Length: 2,2\r\n\r\n{}");
    }

    /** Lengths that lenient number parsers read. */
    @Test
    void crookedLengths() {
        TestRelay relay = start();
        for (String length : List.of(
                "+2",
                "-2",
                "-0",
                "0x2",
                "2.0",
                "2e0",
                "",
                " ",
                "2 2",
                "2;",
                "two",
                "\u00b2",
                "99999999999999999999",
                "9223372036854775808",
                "18446744073709551618")) {
            refused(relay, POST + "Content-Length: " + length + "\r\n\r\n{}");
        }
    }

    /** Codings that one reader takes for chunks, and another does not. */
    @Test
    void crookedTransferEncodings() {
        TestRelay relay = start();
        for (String coding : List.of(
                "xchunked",
                "chunked, identity",
                "identity",
                "gzip, chunked",
                "chunked, chunked",
                "chunked;x=y",
                "\"chunked\"",
                "chunked\u000b",
                "",
                "identity, chunked",
                "chun\tked")) {
            refused(relay, POST + "Transfer-Encoding: " + coding + "\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        }
        refused(relay, POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
        List<HttpAnswer> answers =
                relay.answers(POST + "Transfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + HEALTH);
        assertThat(answers.stream().map(HttpAnswer::status).toList(), is(List.of(201, 200)));
    }

    /** Chunk sizes that lenient number parsers read, and chunks longer than they say. */
    @Test
    void crookedChunks() {
        TestRelay relay = start();
        String chunked = POST + "Transfer-Encoding: chunked\r\n\r\n";
        for (String size : List.of(
                "-2",
                "0x2",
                "2 ",
                " 2",
                "",
                "g",
                "2.",
                "ffffffffffffffff",
                "8000000000000000",
                "100000002",
                "2\u0000",
                "\u0662")) {
            refused(relay, chunked + size + "\r\n{}\r\n0\r\n\r\n");
        }
        refused(relay, chunked + "2\n{}\r\n0\r\n\r\n");
        refused(relay, chunked + "2\r\n{}0\r\n\r\n");
        refused(relay, chunked + "1\r\n{}\r\n0\r\n\r\n");
    }

    /** Extensions and trailers are legal and of no use: Helidon refuses both, so nobody can hide anything in them. */
    @Test
    void chunkExtensionsAndTrailers() {
        TestRelay relay = start();
        String chunked = "Transfer-Encoding: chunked\r\n\r\n";
        refused(relay, POST + chunked + "2;x=y\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + chunked + "2;" + "x".repeat(5000) + "\r\n{}\r\n0\r\n\r\n");
        refused(relay, POST + chunked + "2\r\n{}\r\n0\r\nX-A: b\r\n\r\n");
        Pair pair = relay.pair();
        String credential = "Authorization: Bearer " + pair.platform() + "\r\n\r\n";
        for (HttpAnswer answer : relay.answers("DELETE /v1/pairs/" + pair.id() + " HTTP/1.1\r\nHost: r\r\n" + chunked
                + "0\r\n" + credential + HEALTH)) {
            assertThat(answer.status(), not(204));
        }
        relay.get("/v1/pairs/" + pair.id(), pair.platform()).is(200);
    }

    /** What Helidon 4.5 reads although it is malformed, and a proxy may read otherwise; the first is well-formed. */
    @Test
    void leniencies() {
        TestRelay relay = start();
        String chunked = POST + "Transfer-Encoding: chunked\r\n\r\n";
        List<HttpAnswer> answers = relay.answers(chunked + "0002\r\n{}\r\n000\r\n\r\n" + HEALTH);
        assertThat(answers.stream().map(HttpAnswer::status).toList(), is(List.of(201, 200)));
        for (String message : List.of(
                chunked + "+2\r\n{}\r\n0\r\n\r\n",
                chunked + "2\r\n{}XX0\r\n\r\n",
                chunked + "2\r\n{}\r\n+0\r\n\r\n",
                POST + ": 40\r\nContent-Length: 2\r\n\r\n{}")) {
            refused(relay, message);
        }
    }

    /**
     * The same in pieces, at every place where a piece can end; on a call that reads its body, and on one that is
     * answered before: that ends as soon as the body turns out to be broken, and not by a deadline.
     */
    @Test
    void leniencyInPieces() throws IOException {
        TestRelay relay = start("BODY_TIMEOUT=300");
        String chunked = "Transfer-Encoding: chunked\r\n\r\n";
        String unauthorized = "POST /v1/requests HTTP/1.1\r\nHost: r\r\n";
        String broken = "2\r\n{}XX0\r\n\r\n";
        for (int cut = 0; cut < broken.length(); cut++) {
            assertThat(inPieces(relay, POST + chunked + broken.substring(0, cut), broken.substring(cut)), is(400));
            // Answered before its body is read, unless both pieces have come at once.
            assertThat(
                    inPieces(relay, unauthorized + chunked + broken.substring(0, cut), broken.substring(cut)),
                    anyOf(is(400), is(401)));
        }
    }

    /** The first answer to both pieces, which is to be the only one: what follows them is no request. */
    private static int inPieces(TestRelay relay, String first, String second) throws IOException {
        try (RawClient wire = relay.connect()) {
            wire.send(first);
            wire.sendUntilClosed((second + SMUGGLED).getBytes(StandardCharsets.ISO_8859_1));
            HttpAnswer answer = wire.answer();
            assertThat(first + "|" + second, wire.next().map(HttpAnswer::status), is(Optional.empty()));
            return answer.status();
        }
    }
}
