package dev.harp.relay.nginx;

import static dev.harp.relay.nginx.NginxSite.call;
import static dev.harp.relay.nginx.NginxSite.request;
import static dev.harp.relay.nginx.NginxSite.sized;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.testing.FakeServer.Request;
import dev.harp.testing.ScriptedUpstream;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/nginx} passes on, seen by a server in the place of the relay. */
@EnabledIf(value = "dev.harp.relay.nginx.NginxSite#canRun", disabledReason = NginxSite.NO_NGINX)
class NginxUpstreamIT {

    @TempDir
    static Path folder;

    private static NginxSite site;

    @BeforeAll
    static void start() throws IOException, InterruptedException, GeneralSecurityException {
        site = new NginxSite(folder);
    }

    @AfterAll
    static void stop() throws IOException {
        site.close();
    }

    @Test
    void theRelaySeesWhatNginxSaysOfAClientAndNothingThatItSaysOfItself() throws Exception {
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Nginx own = site.nginx("headers", NginxFiles.asShipped(), upstream.port())) {
            try (HttpClient client = site.client(10, Version.HTTP_2)) {
                call(
                        client,
                        request(own, "/v1//a/../pairs?wait=5")
                                .header("Authorization", "Bearer hpt_canary")
                                .header("X-Forwarded-For", "203.0.113.1")
                                .header("X-Forwarded-For", "203.0.113.2")
                                .header("X-Real-IP", "203.0.113.3")
                                .header("X-Forwarded-Proto", "http")
                                .header("X-Forwarded-Host", "evil.example")
                                .header("Forwarded", "for=203.0.113.4")
                                .header("X_Forwarded_For", "203.0.113.5"));
            }
            Request request = upstream.takeReceived().getFirst();
            assertThat(request.lines().getFirst(), is("GET /v1//a/../pairs?wait=5 HTTP/1.1"));
            assertThat(request.headers("X-Forwarded-For"), contains("127.0.0.10"));
            assertThat(request.headers("X-Real-IP"), contains("127.0.0.10"));
            assertThat(request.headers("X-Forwarded-Proto"), contains("https"));
            assertThat(request.headers("Authorization"), contains("Bearer hpt_canary"));
            for (String absent : List.of("Connection", "Forwarded", "X-Forwarded-Host", "X_Forwarded_For")) {
                assertThat(absent, request.headers(absent), is(empty()));
            }

            own.close();
            JsonObject line =
                    Json.createReader(new StringReader(own.accessLog())).readObject();
            assertThat(line.getString("client"), is("127.0.0.10"));
            assertThat(line.getInt("status"), is(200));
            for (String secret : List.of("canary", "wait", "203.0.113")) {
                assertThat(own.accessLog(), not(containsString(secret)));
            }
        }
    }

    /**
     * Requests of unclear length: nginx refuses them, and in no case does the relay's side see the one hidden inside.
     */
    @Test
    void smugglingIsRefused() throws Exception {
        String hidden = "GET /smuggled HTTP/1.1\r\nHost: relay\r\n\r\n";
        Map<String, String> unclear = new TreeMap<>();
        unclear.put("CL.TE", "Content-Length: 4\r\nTransfer-Encoding: chunked");
        unclear.put("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4");
        unclear.put("TE.CL0", "Transfer-Encoding: chunked\r\nContent-Length: 0");
        unclear.put("two lengths", "Content-Length: 5\r\nContent-Length: 0");
        unclear.put("the same length twice", "Content-Length: 5\r\nContent-Length: 5");
        unclear.put("a list of lengths", "Content-Length: 5, 5");
        unclear.put("a signed length", "Content-Length: +5");
        unclear.put("a negative length", "Content-Length: -1");
        unclear.put("a hexadecimal length", "Content-Length: 0x5");
        unclear.put("an endless length", "Content-Length: 99999999999999999999");
        unclear.put("a space before the colon", "Transfer-Encoding : chunked");
        unclear.put("an unknown coding", "Transfer-Encoding: xchunked");
        unclear.put("two codings", "Transfer-Encoding: gzip, chunked");
        unclear.put("chunked twice", "Transfer-Encoding: chunked, chunked");
        unclear.put("a vertical tab", "Transfer-Encoding: \u000bchunked");
        unclear.put("a folded line", "Transfer-Encoding:\r\n chunked");
        unclear.put("a carriage return inside", "X: y\rTransfer-Encoding: chunked\r\nContent-Length: 5");
        unclear.put("a NUL", "Transfer-Encoding: chunked\0");
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Nginx own = site.nginx("smuggling", NginxFiles.asShipped(), upstream.port())) {
            for (Map.Entry<String, String> each : unclear.entrySet()) {
                try (RawTls client = RawTls.connect(own, site.certificate, "http/1.1")) {
                    List<Integer> statuses = client.send("POST /v1/pairs HTTP/1.1\r\nHost: relay\r\n" + each.getValue()
                                    + "\r\n\r\n0\r\n\r\n" + hidden)
                            .statusesUntilClosed();
                    assertThat(each.getKey(), statuses, hasSize(1));
                    assertThat(each.getKey(), statuses.getFirst(), greaterThanOrEqualTo(400));
                    assertThat(each.getKey(), upstream.takeReceived(), is(empty()));
                }
            }
            List<String> chunks =
                    List.of("x\r\nab\r\n0\r\n\r\n", "2\r\nabXX0\r\n\r\n", "fffffffffffffffff\r\n", "-2\r\nab");
            for (String chunk : chunks) {
                try (RawTls client = RawTls.connect(own, site.certificate, "http/1.1")) {
                    List<Integer> statuses = client.send("POST /v1/pairs HTTP/1.1\r\nHost: relay\r\n"
                                    + "Transfer-Encoding: chunked\r\n\r\n" + chunk + hidden)
                            .statusesUntilClosed();
                    assertThat(chunk, statuses, hasSize(1));
                    assertThat(chunk, statuses.getFirst(), greaterThanOrEqualTo(400));
                    assertThat(chunk, upstream.takeReceived(), is(empty()));
                }
            }
            // What is clear passes, however it was framed, with one length.
            try (RawTls client = RawTls.connect(own, site.certificate, "http/1.1")) {
                String clear = String.join(
                        "\r\n",
                        "POST /v1/pairs HTTP/1.1",
                        "Host: relay",
                        "Connection: close",
                        "Transfer-Encoding: chunked",
                        "",
                        "5;a=b",
                        "{\"a\":",
                        "2",
                        "1}",
                        "0",
                        "X-Trailer: y",
                        "",
                        "");
                List<Integer> statuses = client.send(clear).statusesUntilClosed();
                assertThat(statuses, contains(200));
                Request request = upstream.takeReceived().getFirst();
                assertThat(request.headers("Content-Length"), contains("7"));
                assertThat(request.headers("Transfer-Encoding"), is(empty()));
                assertThat(request.body(), is("{\"a\":1}"));
            }
        }
    }

    /** HTTP/2 has no framing to confuse, but what is put into its fields could become some on the way to the relay. */
    @Test
    void smugglingOverHttp2IsRefused() throws Exception {
        String hidden = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: relay\r\n\r\n";
        Map<String, List<Map.Entry<String, String>>> unclear = Map.of(
                "a length that is too short", List.of(Map.entry("content-length", "4")),
                "a length that is too long", List.of(Map.entry("content-length", "400")),
                "two lengths", List.of(Map.entry("content-length", "4"), Map.entry("content-length", "52")),
                "a line break in a value", List.of(Map.entry("x", "y\r\ntransfer-encoding: chunked")),
                "a line break in a name", List.of(Map.entry("x: y\r\ntransfer-encoding", "chunked")));
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Nginx own = site.nginx("smuggling2", NginxFiles.asShipped(), upstream.port())) {
            for (Map.Entry<String, List<Map.Entry<String, String>>> each : unclear.entrySet()) {
                try (RawTls client = RawTls.connect(own, site.certificate, "h2")) {
                    assertThat(
                            each.getKey(),
                            client.isRefusedOverHttp2(fields("/v1/pairs", each.getValue()), hidden),
                            is(true));
                    assertThat(each.getKey(), upstream.takeReceived(), is(empty()));
                }
            }
            // A field that has no meaning in HTTP/2 stays without one: the body is counted, whatever it says.
            try (RawTls client = RawTls.connect(own, site.certificate, "h2")) {
                client.isRefusedOverHttp2(
                        fields("/v1/pairs", List.of(Map.entry("transfer-encoding", "chunked"))), hidden);
                for (Request request : upstream.takeReceived()) {
                    assertThat(request.headers("Transfer-Encoding"), is(empty()));
                    assertThat(request.body(), is(hidden));
                }
            }
        }
    }

    private static List<Map.Entry<String, String>> fields(String path, List<Map.Entry<String, String>> more) {
        List<Map.Entry<String, String>> fields = new ArrayList<>(List.of(
                Map.entry(":method", "POST"),
                Map.entry(":scheme", "https"),
                Map.entry(":authority", "relay"),
                Map.entry(":path", path)));
        fields.addAll(more);
        return fields;
    }

    /**
     * The relay may close a kept-alive connection just when nginx sends a request into it. Every method is sent again,
     * once.
     */
    @Test
    void aRequestThatMeetsADyingConnectionIsSentAgain() throws Exception {
        try (ScriptedUpstream upstream = new ScriptedUpstream();
                Nginx own = site.nginx("dying", NginxFiles.asShipped(), upstream.port());
                HttpClient client = site.client(11, Version.HTTP_1_1)) {
            for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
                // A connection that nginx keeps, and that ends with the next request on it.
                upstream.hangUpOn(_ -> false);
                call(client, request(own, "/v1/warm"));
                int kept = upstream.takeReceived().getFirst().connection();
                upstream.hangUpOn(request -> request.connection() == kept);

                HttpResponse<String> answer =
                        call(client, request(own, "/v1/x").method(method, BodyPublishers.ofString("{}")));

                assertThat(method, answer.statusCode(), is(200));
                List<Request> tries = upstream.takeReceived();
                assertThat(method, tries, hasSize(2));
                assertThat(method, tries.getFirst().connection(), is(kept));
                assertThat(method, tries.getLast().body(), is("{}"));
            }
            upstream.hangUpOn(_ -> true);
            call(client, request(own, "/v1/closes-the-kept-one"));
            upstream.takeReceived();
            assertThat(call(client, request(own, "/v1/x").POST(sized("{}"))).statusCode(), is(502));
            assertThat("a new connection that fails is no reason to try again", upstream.takeReceived(), hasSize(1));
        }
    }
}
