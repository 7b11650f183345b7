package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.relay.protocol.Samples;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RedisServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Jedis;

/**
 * One client takes all it can get, at full rate, and another one is served as if there was none
 * ({@code docs/protocol.md}, section 9.8).
 */
@Timeout(300)
class StrangerTest {
    @TempDir
    private Path directory;

    /**
     * A client.
     *
     * @param address by the number of the call
     */
    private record Client(TestRelay relay, AtomicInteger calls, IntFunction<String> address) {
        Client(TestRelay relay, String address) {
            this(relay, new AtomicInteger(), _ -> address);
        }

        HttpAnswer call(String method, String target, String token, String body) {
            return relay.call(
                    method, target, token, body, "X-Forwarded-For: " + address.apply(calls.getAndIncrement()));
        }

        HttpAnswer register() {
            return call("POST", "/v1/devices", "", "{}");
        }

        HttpAnswer open() {
            return call("POST", "/v1/pairs", "", "{\"secret_hash\":\"" + TestRelay.SECRET + "\"}");
        }

        Phone phone() {
            HttpAnswer registered = register().is(201);
            return new Phone(registered.text("device_id"), registered.text("device_token"));
        }

        Pair session() {
            HttpAnswer opened = open().is(201);
            return new Pair(opened.text("pair_id"), opened.text("platform_token"), new Phone("", ""));
        }

        HttpAnswer join(Pair session, Phone phone, String payload) {
            return call(
                    "PUT",
                    "/v1/pairs/" + session.id() + "/device",
                    phone.token(),
                    "{\"secret_hash\":\"" + TestRelay.SECRET + "\",\"payload\":\"" + payload + "\"}");
        }

        Pair pair(Phone phone) {
            Pair session = session();
            join(session, phone, "cGF5bG9hZA").is(200);
            return new Pair(session.id(), session.platform(), phone);
        }

        HttpAnswer submit(Pair pair, String id, int ciphertext) {
            return call(
                    "POST",
                    "/v1/requests",
                    pair.platform(),
                    "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair.id()
                            + "\",\"nonce\":\"bm9uY2U\",\"ciphertext\":\"" + Samples.text(ciphertext) + "\"}");
        }

        HttpAnswer respond(Pair pair, String id, int ciphertext) {
            return call(
                    "PUT",
                    "/v1/requests/" + id + "/response",
                    pair.phone().token(),
                    "{\"nonce\":\"bm9uY2U\",\"ciphertext\":\"" + Samples.text(ciphertext) + "\"}");
        }

        CompletableFuture<HttpAnswer> parked(String target, String token) {
            int before = relay.relay().waiters();
            CompletableFuture<HttpAnswer> poll = CompletableFuture.supplyAsync(
                    () -> call("GET", target + "?wait=500", token, ""), RelayCalls.THREADS);
            until(() -> relay.relay().waiters() > before || poll.isDone());
            return poll;
        }
    }

    private TestRelay relay(String store, String... more) {
        List<String> options = new ArrayList<>(List.of("TRUSTED_PROXIES=127.0.0.1", "NETWORK_SHARE=10"));
        options.add("STORE=" + (store.equals("file") ? "file:" + directory : store.equals("redis") ? redis() : store));
        options.addAll(List.of(more));
        return TestRelay.start(options.toArray(String[]::new));
    }

    private static String redis() {
        try (Jedis redis = RedisServer.shared().client()) {
            redis.flushAll();
        }
        return RedisServer.shared().url();
    }

    /** Calls until one is refused for want of room; returns how many were not. */
    private static int untilRefused(int most, IntFunction<HttpAnswer> calls) {
        for (int i = 0; i < most; i++) {
            HttpAnswer answer = calls.apply(i);
            if (answer.status() == 503) {
                answer.is(503, "relay_full");
                assertThat(answer.text("detail"), containsString("NETWORK_SHARE"));
                return i;
            }
            assertThat(answer.body(), answer.status() / 100, is(2));
        }
        throw new AssertionError("never refused");
    }

    /** Everything that a client does, from registering to the answer. */
    private static void isServed(TestRelay relay) {
        Client other = new Client(relay, "198.51.100.9");
        Pair pair = other.pair(other.phone());
        other.call(
                        "PATCH",
                        "/v1/devices/" + pair.phone().id(),
                        pair.phone().token(),
                        "{\"push_token\":\"ExponentPushToken[x]\"}")
                .is(200);
        CompletableFuture<HttpAnswer> device = other.parked(
                "/v1/devices/" + pair.phone().id() + "/requests", pair.phone().token());
        String id = relay.newId();
        other.submit(pair, id, 2000).is(201);
        assertThat(device.join().is(200).body(), containsString(id));
        CompletableFuture<HttpAnswer> platform = other.parked("/v1/requests/" + id, pair.platform());
        other.respond(pair, id, 500).is(200);
        assertThat(platform.join().is(200).text("state"), is("responded"));
    }

    @ParameterizedTest
    @CsvSource({
        "memory, 203.0.113.7", "file, 203.0.113.7", "redis, 203.0.113.7",
        "memory, 2001:db8:7:%02x00::1", "file, 2001:db8:7:%02x00::1", "redis, 2001:db8:7:%02x00::1",
        "memory, 2001:db8:7:7%02x::1", "file, 2001:db8:7:7%02x::1", "redis, 2001:db8:7:7%02x::1",
    })
    void fillsItsShareOfDevicesAndPairings(String store, String address) {
        try (TestRelay relay = relay(store, "MAX_DEVICES=40", "MAX_PAIRINGS=40")) {
            Client greedy = new Client(relay, new AtomicInteger(), call -> address.formatted(call));
            assertThat(untilRefused(40, _ -> greedy.register()), is(20));
            assertThat(untilRefused(40, _ -> greedy.open()), is(20));
            isServed(relay);
        }
    }

    @ParameterizedTest
    @CsvSource({"memory", "file", "redis"})
    void fillsItsShareWithPayloadsAndPushTokens(String store) {
        try (TestRelay relay = relay(store, "MAX_STORED_BYTES=1048576")) {
            Client greedy = new Client(relay, "203.0.113.7");
            String token = Samples.text(4096);
            int pairs = untilRefused(200, _ -> {
                HttpAnswer registered = greedy.register();
                if (registered.status() != 201) {
                    return registered;
                }
                Phone phone = new Phone(registered.text("device_id"), registered.text("device_token"));
                HttpAnswer opened = greedy.open();
                if (opened.status() != 201) {
                    return opened;
                }
                Pair session = new Pair(opened.text("pair_id"), opened.text("platform_token"), phone);
                HttpAnswer joined = greedy.join(session, phone, Samples.text(8192));
                return joined.status() != 200
                        ? joined
                        : greedy.call(
                                "PATCH",
                                "/v1/devices/" + phone.id(),
                                phone.token(),
                                "{\"push_token\":\"" + token + "\"}");
            });
            assertThat(pairs, greaterThanOrEqualTo(30));
            isServed(relay);
        }
    }

    @ParameterizedTest
    @CsvSource({"memory", "file", "redis"})
    void fillsItsShareWithLargeRequests(String store) {
        try (TestRelay relay = relay(store, "MAX_STORED_BYTES=4194304")) {
            Client greedy = new Client(relay, "203.0.113.7");
            Pair first = greedy.pair(greedy.phone());
            List<String> accepted = new ArrayList<>();
            int ofPairing = untilRefused(100, _ -> submitted(greedy, first, accepted));
            // A pairing has a quarter, and a network half.
            int ofAnother = 0;
            for (int i = 0; i < 2; i++) {
                Pair more = greedy.pair(greedy.phone());
                ofAnother += untilRefused(100, _ -> submitted(greedy, more, new ArrayList<>()));
            }
            assertThat(ofPairing, greaterThanOrEqualTo(10));
            assertThat(ofAnother, greaterThanOrEqualTo(ofPairing - 1));
            isServed(relay);
            // What was accepted has its room.
            greedy.respond(first, accepted.getFirst(), 16_384).is(200);
        }
    }

    private static HttpAnswer submitted(Client client, Pair pair, List<String> accepted) {
        String id = client.relay().newId();
        accepted.add(id);
        return client.submit(pair, id, 65_536);
    }
}
