package dev.harp.relay;

import static dev.harp.relay.RelayCalls.NO_TOKEN;
import static dev.harp.relay.RelayCalls.request;
import static dev.harp.testing.Await.until;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.Ports;
import dev.harp.testing.RawClient;
import dev.harp.testing.RelayProcess;
import dev.harp.testing.RequestIds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A relay process whose bounds are all used up by clients that hold on to what they get. The clients claim addresses of
 * eight networks, as through a proxy, because the share of one would not fill it.
 */
final class FullRelay implements AutoCloseable {
    private static final int NETWORKS = 8;
    private static final String SECRET = "{\"secret_hash\":\"" + "ab".repeat(32) + "\"}";
    private static final String LARGE = "X-Large: " + "a".repeat(15_000);
    private static final String TEXT = "A".repeat(65_536);

    /** What counts as part of a connection. */
    private static final String LARGEST_UNCOUNTED = "X-Large: " + "a".repeat(3_700);

    private static final int OPEN_REQUESTS = 100;

    /** Pairings with so many requests that a client which does not read holds the relay up. */
    private static final int LISTS = 5;

    private final RelayProcess relay;
    private final int port;
    private final int adminPort = Ports.free();
    private final List<RawClient> held = new ArrayList<>();
    private final List<Pair> pairs = new ArrayList<>();
    private int calls;

    private record Pair(String id, String platform, String device, String phone) {
        String path(String what) {
            return "/v1/devices/" + device + what;
        }
    }

    FullRelay(String store, String heap, Map<String, String> options) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(Map.of(
                "STORE", store,
                "ADMIN_PORT", "" + adminPort,
                "RATE_LIMIT_CLIENT", "0",
                "RATE_LIMIT_PAIR", "0",
                "NETWORK_SHARE", "100",
                "HEADER_TIMEOUT", "300",
                "BODY_TIMEOUT", "300"));
        environment.putAll(options);
        List<String> flags = List.of(
                "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-XX:+ExitOnOutOfMemoryError", "-Xmx" + heap);
        relay = RelayProcess.ofProduct(environment, flags);
        port = relay.port();
    }

    private RawClient connect() throws IOException {
        return new RawClient(port, 4096);
    }

    private void hold(byte[] bytes) throws IOException {
        held.add(connect().send(bytes));
    }

    private String network() {
        return "X-Forwarded-For: 203.0." + calls++ % NETWORKS + ".7";
    }

    HttpAnswer call(String method, String target, String token, String body) throws IOException {
        try (RawClient wire = connect()) {
            return wire.send(request(method, target, token, body, network())).answer(method);
        }
    }

    private Pair pair() throws IOException {
        HttpAnswer phone = call("POST", "/v1/devices", NO_TOKEN, "{}").is(201);
        HttpAnswer pair = call("POST", "/v1/pairs", NO_TOKEN, SECRET).is(201);
        Pair made = new Pair(
                pair.text("pair_id"), pair.text("platform_token"), phone.text("device_id"), phone.text("device_token"));
        call("PUT", "/v1/pairs/" + made.id() + "/device", made.phone(), SECRET).is(200);
        pairs.add(made);
        return made;
    }

    private HttpAnswer submit(Pair pair, String id, String text) throws IOException {
        return call(
                "POST",
                "/v1/requests",
                pair.platform(),
                "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair.id() + "\",\"nonce\":\"AAAA\",\"ciphertext\":\""
                        + text + "\",\"ttl\":3600}");
    }

    /** Pairs so many devices. */
    void pairs(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            pair();
        }
    }

    /** Submits the largest requests until the store is full, or so many; how many it has taken. */
    int fillStore(int most) throws IOException {
        for (int i = 0; i < most; i++) {
            HttpAnswer answer = submit(pairs.get(i / OPEN_REQUESTS), RequestIds.now(), TEXT);
            if (answer.status() != 201) {
                answer.is(503, "relay_full");
                return i;
            }
        }
        return most;
    }

    /** Parks polls, four for each pairing, with large heads where those are taken; how many these are. */
    int parkPolls(int count) throws IOException {
        long before = waiters();
        List<RawClient> polls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            polls.add(connect().send(poll(i, LARGE)));
        }
        until("each is parked or refused", () -> waiters() - before + refused() >= count);
        int large = 0;
        for (int i = 0; i < count; i++) {
            if (polls.get(i).hasInput()) {
                polls.get(i).answer().is(503, "relay_full");
                polls.get(i).close();
                hold(poll(i, LARGEST_UNCOUNTED));
            } else {
                held.add(polls.get(i));
                large++;
            }
        }
        until("all are parked", () -> waiters() - before >= count);
        return large;
    }

    private byte[] poll(int number, String head) {
        Pair pair = pairs.get(pairs.size() - 1 - number / 4);
        return request("GET", pair.path("/requests?wait=500"), pair.phone(), "", head, network());
    }

    /** Parks streams, four for each of the pairings after those of so many polls. */
    void parkStreams(int count, int polls) throws IOException {
        long before = waiters();
        for (int i = 0; i < count; i++) {
            Pair pair = pairs.get(pairs.size() - 1 - (polls + i) / 4);
            hold(request("GET", pair.path("/events"), pair.phone(), "", LARGEST_UNCOUNTED, network()));
        }
        until("all are parked", () -> waiters() - before >= count);
    }

    /** Connections with 15 KB of a head that does not end. */
    void unfinishedHeads(int count) throws IOException {
        byte[] head = ("GET /health HTTP/1.1\r\nHost: a\r\n" + LARGE).getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < count; i++) {
            held.add(connect().sendUntilClosed(head));
        }
    }

    /** The same with 15 KB of fields that are as short as can be. */
    void manyFields(int count) throws IOException {
        StringBuilder fields = new StringBuilder("GET /health HTTP/1.1\r\nHost: a\r\n");
        for (int i = 0; fields.length() < 15_000; i++) {
            fields.append(Integer.toString(i, Character.MAX_RADIX)).append(":1\r\n");
        }
        byte[] head = fields.toString().getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < count; i++) {
            held.add(connect().sendUntilClosed(head));
        }
    }

    /** Clients that ask for a list of 1 MiB twenty times, and read nothing: that is more than the kernel buffers. */
    void listsNotRead(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Pair pair = pairs.get(i % LISTS);
            hold20(request("GET", pair.path("/requests"), pair.phone(), "", network()));
        }
    }

    /** Clients that ask for the app's script of more than 200 KB twenty times, and read nothing. */
    void filesNotRead(int count) throws IOException {
        Matcher script = Pattern.compile("src=\"\\.?/?([^\"]+\\.js)\"")
                .matcher(call("GET", "/app/", NO_TOKEN, "").body());
        String file = script.find() ? "/app/" + script.group(1) : "/openapi.yaml"; // a relay without the app
        for (int i = 0; i < count; i++) {
            hold20(request("GET", file, NO_TOKEN, "", network()));
        }
    }

    private void hold20(byte[] one) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
            all.write(one);
        }
        held.add(connect().sendUntilClosed(all.toByteArray()));
    }

    /** Streams of 6 MB that nobody reads. */
    void streamsNotRead(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Pair pair = pairs.get(i % LISTS);
            held.add(connect().sendUntilClosed(request("GET", pair.path("/events"), pair.phone(), "", network())));
        }
    }

    /** Bodies of 128 KB whose last byte does not come. */
    void slowBodies(int count) throws IOException {
        byte[] whole = request("POST", "/v1/devices", NO_TOKEN, "{\"x\":\"" + "a".repeat(131_064) + "\"}", network());
        for (int i = 0; i < count; i++) {
            held.add(connect().sendUntilClosed(Arrays.copyOf(whole, whole.length - 1)));
        }
    }

    /** Ends all that clients hold, and the pairings with their requests. */
    void letGo() throws IOException {
        for (RawClient client : held) {
            client.reset();
        }
        held.clear();
        until("all places are free", () -> waiters() == 0);
        for (Pair pair : pairs) {
            call("DELETE", "/v1/pairs/" + pair.id(), pair.platform(), "").is(204);
        }
        pairs.clear();
    }

    /** A pairing, a submission, a poll that gets it, an answer, and a poll that gets that. */
    void approve() throws IOException {
        Pair pair = pair();
        String id = RequestIds.now();
        submit(pair, id, "AAAA").is(201);
        call("GET", pair.path("/requests"), pair.phone(), "").is(200);
        call("PUT", "/v1/requests/" + id + "/response", pair.phone(), "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}")
                .is(200);
        call("GET", "/v1/requests/" + id, pair.platform(), "").is(200);
    }

    private long waiters() {
        return metric("harp_relay_waiters ");
    }

    private long refused() {
        return metric("harp_relay_http_requests_total{.*status=\"503\".*} ");
    }

    /** The sum of the values whose lines begin like that. */
    long metric(String lines) {
        try (RawClient wire = new RawClient(adminPort)) {
            String text = wire.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
                    .answer()
                    .body();
            Matcher values = Pattern.compile("(?m)^" + lines.replace("{", "\\{").replace("}", "\\}") + "([0-9.E]+)$")
                    .matcher(text);
            long sum = 0;
            while (values.find()) {
                sum += (long) Double.parseDouble(values.group(1));
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException("the relay has ended: " + relay.output(), e);
        }
    }

    /** Whether the process lives; else what it has printed last. */
    Optional<String> death() {
        List<String> output = relay.output();
        return relay.isAlive() ? Optional.empty() : Optional.of(output.isEmpty() ? "no output" : output.getLast());
    }

    @Override
    public void close() throws IOException {
        for (RawClient client : held) {
            client.close();
        }
        relay.close();
    }
}
