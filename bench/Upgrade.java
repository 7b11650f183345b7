import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Upgrades a relay and reads everything back; {@code bench/upgrade} builds both versions and calls it:
 *
 * <pre>
 *   java bench/Upgrade.java OLD-FOLDER NEW-FOLDER WORKING-FOLDER
 * </pre>
 */
public final class Upgrade {
    private static final Duration LIMIT = Duration.ofMinutes(15);
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int SUBMISSIONS_PER_MINUTE = 10;
    private static final String SECRET_HASH = "5".repeat(64);
    private static final String NONCE = "A".repeat(32);

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final List<Process> PROCESSES = new ArrayList<>();

    private static Path working;
    private static Receiver receiver;
    private static int differences;

    private record Answer(int status, String body, String rateLimit) {
        String field(String name) {
            Matcher found = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(body);
            if (!found.find()) {
                throw new IllegalStateException("no " + name + " in " + status + " " + body);
            }
            return found.group(1);
        }
    }

    private record Relay(Process process, int port) {
        /** As a client should, this tries again while the store is out of reach, as it may be on a busy machine. */
        Answer call(String method, String path, String token, String body) {
            Answer answer = once(method, path, token, body);
            for (int i = 0; i < 30 && answer.status() == 503; i++) {
                pause(Duration.ofSeconds(1));
                answer = once(method, path, token, body);
            }
            return answer;
        }

        private Answer once(String method, String path, String token, String body) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(90))
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            if (!body.isEmpty()) {
                request.header("Content-Type", "application/json");
            }
            try {
                HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
                return new Answer(
                        response.statusCode(),
                        response.body(),
                        response.headers().firstValue("RateLimit").orElse(""));
            } catch (IOException e) {
                throw new UncheckedIOException(method + " " + path, e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        Answer expect(int status, String method, String path, String token, String body) {
            Answer answer = call(method, path, token, body);
            if (answer.status() != status) {
                throw new IllegalStateException(method + " " + path + ": expected " + status + ", got " + answer);
            }
            return answer;
        }

        void stop() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a relay does not stop");
            }
        }
    }

    /** A push service and a receiver of webhooks. While it is down it refuses what is meant to stay pending. */
    private static final class Receiver {
        final HttpServer server;
        final Set<String> webhooks = ConcurrentHashMap.newKeySet();
        final Set<String> refused = ConcurrentHashMap.newKeySet();
        volatile boolean up;

        Receiver() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
            server.createContext("/hook", this::webhook);
            server.createContext("/push/send", this::push);
            server.createContext("/push/getReceipts", exchange -> answer(exchange, 200, "{\"data\":{}}"));
            server.setExecutor(Executors.newCachedThreadPool(work -> {
                Thread thread = new Thread(work);
                thread.setDaemon(true);
                return thread;
            }));
            server.start();
        }

        String url(String path) {
            return "http://127.0.0.1:" + server.getAddress().getPort() + path;
        }

        private void webhook(HttpExchange exchange) throws IOException {
            String name = exchange.getRequestURI().getQuery();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (name.startsWith("down") && !up) {
                refused.add(name);
                answer(exchange, 503, "");
            } else {
                webhooks.add(name + " " + new Answer(0, body, "").field("event"));
                answer(exchange, 200, "");
            }
        }

        private void push(HttpExchange exchange) throws IOException {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (body.contains("[down") && !up) {
                refused.add("push");
                answer(exchange, 503, "");
                return;
            }
            List<String> tickets = new ArrayList<>();
            Matcher tokens = Pattern.compile("ExponentPushToken\\[(\\w+)]").matcher(body);
            while (tokens.find()) {
                String error = Map.of("dead", "DeviceNotRegistered", "large", "MessageTooBig")
                        .getOrDefault(tokens.group(1), "");
                tickets.add(
                        error.isEmpty()
                                ? "{\"status\":\"ok\",\"id\":\"ticket\"}"
                                : "{\"status\":\"error\",\"message\":\"\",\"details\":{\"error\":\"" + error + "\"}}");
            }
            answer(exchange, 200, "{\"data\":[" + String.join(",", tickets) + "]}");
        }

        private static void answer(HttpExchange exchange, int status, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("Retry-After", "60");
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        }
    }

    private record Pair(String id, String platform, String device, String phone) {}

    /** What is in a store: who can read what. */
    private static final class Contents {
        private record Reading(String path, String token) {}

        final Map<String, Reading> readings = new LinkedHashMap<>();
        final Map<String, Pair> pairs = new LinkedHashMap<>();
        final Map<String, String> requests = new LinkedHashMap<>();

        Pair pair(Relay relay, String name, String pushToken) {
            Answer device = relay.expect(201, "POST", "/v1/devices", "", "{}");
            Pair pair = open(relay, name, device.field("device_id"), device.field("device_token"));
            bind(relay, pair);
            if (!pushToken.isEmpty()) {
                String token = "{\"push_token\":\"ExponentPushToken[" + pushToken + "]\"}";
                relay.expect(200, "PATCH", "/v1/devices/" + pair.device(), pair.phone(), token);
            }
            return pair;
        }

        Pair open(Relay relay, String name, String device, String phone) {
            Answer opened =
                    relay.expect(201, "POST", "/v1/pairs", "", "{\"secret_hash\":\"" + SECRET_HASH + "\",\"ttl\":600}");
            Pair pair = new Pair(opened.field("pair_id"), opened.field("platform_token"), device, phone);
            pairs.put(name, pair);
            readings.put(name + ", platform", new Reading("/v1/pairs/" + pair.id(), pair.platform()));
            readings.put(
                    name + ", platform's stream", new Reading("/v1/pairs/" + pair.id() + "/events", pair.platform()));
            return pair;
        }

        static void bind(Relay relay, Pair pair) {
            String body = "{\"secret_hash\":\"" + SECRET_HASH + "\",\"payload\":\"cGF5bG9hZA==\"}";
            relay.expect(200, "PUT", "/v1/pairs/" + pair.id() + "/device", pair.phone(), body);
        }

        /** Reading as the device marks pending requests as delivered. */
        void readDevice(String name) {
            Pair pair = pairs.get(name);
            readings.put(name + ", device", new Reading("/v1/devices/" + pair.device() + "/requests", pair.phone()));
            readings.put(
                    name + ", device's stream", new Reading("/v1/devices/" + pair.device() + "/events", pair.phone()));
        }

        String submit(Relay relay, String name, String pairName, int ttl, String webhook) {
            String id = uuid7();
            requests.put(name, id);
            Pair pair = pairs.get(pairName);
            Answer answer = relay.call("POST", "/v1/requests", pair.platform(), submission(pair, id, ttl, webhook));
            if (answer.status() / 100 != 2) {
                throw new IllegalStateException(name + ": " + answer);
            }
            readings.put(name, new Reading("/v1/requests/" + id, pair.platform()));
            return id;
        }

        Map<String, Answer> read(Relay relay) {
            Map<String, Answer> read = new LinkedHashMap<>();
            readings.forEach((name, reading) -> read.put(name, relay.call("GET", reading.path(), reading.token(), "")));
            return read;
        }

        Answer request(Relay relay, String name, int wait) {
            Reading reading = readings.get(name);
            return relay.expect(200, "GET", reading.path() + "?wait=" + wait, reading.token(), "");
        }
    }

    private static String submission(Pair pair, String id, int ttl, String webhook) {
        String callback = webhook.isEmpty()
                ? ""
                : ",\"callback_url\":\"" + receiver.url("/hook?" + webhook)
                        + "\",\"callback_secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"";
        return "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair.id() + "\",\"nonce\":\"" + NONCE
                + "\",\"ciphertext\":\"" + "Y2lwaGVydGV4dA==" + "\",\"ttl\":" + ttl + callback + "}";
    }

    private static String uuid7() {
        long millis = System.currentTimeMillis();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return String.format(
                "%08x-%04x-7%03x-8%03x-%012x",
                millis >> 16,
                millis & 0xffff,
                random.nextInt(0x1000),
                random.nextInt(0x1000),
                random.nextLong(1L << 48));
    }

    public static void main(String[] arguments) throws Exception {
        Path before = Path.of(arguments[0]).toRealPath();
        Path after = Path.of(arguments[1]).toRealPath();
        working = Path.of(arguments[2]).toRealPath();
        receiver = new Receiver();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> PROCESSES.forEach(Process::destroyForcibly)));
        CompletableFuture.delayedExecutor(LIMIT.toSeconds(), TimeUnit.SECONDS).execute(() -> {
            System.out.println("not done within " + LIMIT);
            System.exit(1);
        });
        try {
            file(before, after);
            redis(before, after);
        } catch (Exception e) {
            e.printStackTrace(System.out);
            differences++;
        }
        System.out.println(differences == 0 ? "everything is as it was" : differences + " differences");
        System.exit(differences == 0 ? 0 : 1);
    }

    private static void file(Path before, Path after) throws Exception {
        String store = "file:" + working.resolve("store");
        Relay old = relay(before, "file-old", store);
        Contents contents = fill(old, old);
        Map<String, Answer> filled = contents.read(old);
        print("file, old relay", filled);
        old.stop();
        Relay current = relay(after, "file-new", store);
        compare("file, new relay", filled, contents.read(current));
        goOn(contents, current, current);
        current.stop();
    }

    private static void redis(Path before, Path after) throws Exception {
        int port = freePort();
        Process redis = start(
                "redis",
                Map.of(),
                "redis-server",
                "--port",
                "" + port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--dir",
                working.toString());
        until("Redis answers", () -> redisCli(port, "ping").contains("PONG"));
        String store = "redis://127.0.0.1:" + port;
        Relay old = relay(before, "redis-old", store);
        Relay second = relay(before, "redis-old-2", store);
        Contents contents = fill(old, second);
        Map<String, Answer> filled = contents.read(old);
        print("Redis, old relay", filled);
        compare("Redis, second old relay", filled, contents.read(second));
        second.stop();

        Relay current = relay(after, "redis-new", store);
        compare("Redis, new relay beside an old one", filled, contents.read(current));
        compare("Redis, old relay beside a new one", filled, contents.read(old));
        together(contents, old, current);
        together(contents, current, old);
        limit(contents, current);
        for (String key : redisCli(port, "keys", "harp1:[lg]:*").split("\\s+")) {
            long life = Long.parseLong(redisCli(port, "ttl", key).strip());
            check("Redis, " + key.replaceAll("[0-9a-f]{20,}", "...") + " expires by itself", life <= 70 && life != -1);
        }

        filled = contents.read(current);
        old.stop();
        Relay last = relay(after, "redis-new-2", store);
        compare("Redis, second new relay", filled, contents.read(last));
        compare("Redis, new relay", filled, contents.read(current));
        goOn(contents, last, current);
        last.stop();
        current.stop();
        redis.destroy();
    }

    /** Pairings and requests in every state, at two relays in turns. */
    private static Contents fill(Relay one, Relay other) throws Exception {
        receiver.up = false;
        receiver.webhooks.clear();
        receiver.refused.clear();
        Contents contents = new Contents();

        Pair active = contents.pair(one, "active pairing", "");
        contents.open(other, "pairing without a device", active.device(), active.phone());
        Pair revoked = contents.pair(one, "revoked pairing", "");
        contents.submit(other, "request of the revoked pairing", "revoked pairing", 900, "");
        one.expect(204, "DELETE", "/v1/pairs/" + revoked.id(), revoked.platform(), "");
        Pair removed = contents.pair(other, "pairing of a removed device", "");
        other.expect(204, "DELETE", "/v1/devices/" + removed.device(), removed.phone(), "");
        Pair closed = contents.open(one, "pairing closed by wrong secrets", active.device(), active.phone());
        for (int i = 0; i < 5; i++) {
            String wrong = "{\"secret_hash\":\"" + "6".repeat(64) + "\"}";
            other.expect(403, "PUT", "/v1/pairs/" + closed.id() + "/device", active.phone(), wrong);
        }

        contents.submit(one, "expired request", "active pairing", 1, "");
        contents.submit(other, "delivered request", "active pairing", 900, "");
        String responded = contents.submit(one, "responded request", "active pairing", 900, "up");
        String cancelled = contents.submit(other, "cancelled request", "active pairing", 900, "");
        contents.readDevice("active pairing");
        one.expect(200, "GET", "/v1/devices/" + active.device() + "/requests", active.phone(), "");
        respond(other, active, responded);
        one.expect(204, "DELETE", "/v1/requests/" + cancelled, active.platform(), "");

        contents.pair(other, "pairing of a device that does not read", "");
        contents.submit(one, "pending request", "pairing of a device that does not read", 900, "");
        for (String token : List.of("ok", "dead", "large", "down")) {
            contents.pair(one, "device with push token " + token, token);
            contents.submit(other, "request to push token " + token, "device with push token " + token, 900, "");
        }
        contents.pair(one, "pairing at its rate limit", "");
        for (int i = 0; i < SUBMISSIONS_PER_MINUTE; i++) {
            contents.submit(
                    i % 2 == 0 ? one : other, "request " + i + " of many", "pairing at its rate limit", 900, "");
        }
        refused(contents, other);
        // Last, because the three attempts of a webhook are over after two minutes.
        contents.pair(other, "pairing with a pending webhook", "");
        Pair hooked = contents.pairs.get("pairing with a pending webhook");
        String pending =
                contents.submit(one, "request with a pending webhook", "pairing with a pending webhook", 900, "down");
        other.expect(200, "GET", "/v1/devices/" + hooked.device() + "/requests", hooked.phone(), "");
        respond(one, hooked, pending);
        contents.readDevice("pairing with a pending webhook");

        Map.of("ok", "accepted", "dead", "token_dead", "large", "failed")
                .forEach((token, state) -> until(
                        "push token " + token + " is " + state,
                        () -> contents.request(one, "request to push token " + token, 0)
                                .body()
                                .contains("\"push\":\"" + state + "\"")));
        until(
                "the expired request ends",
                () -> contents.request(one, "expired request", 0).field("state").equals("expired"));
        until("the webhook arrives", () -> receiver.webhooks.size() == 2);
        until("what is to stay pending has been tried", () -> receiver.refused.equals(Set.of("down", "push")));
        return contents;
    }

    private static void respond(Relay relay, Pair pair, String request) {
        String body = "{\"nonce\":\"" + NONCE + "\",\"ciphertext\":\"YW5zd2Vy\",\"signature\":\"c2lnbmF0dXJl\"}";
        relay.expect(200, "PUT", "/v1/requests/" + request + "/response", pair.phone(), body);
    }

    /** An approval whose platform is at one relay and whose device is at another. */
    private static void together(Contents contents, Relay platform, Relay device) {
        String name = "request across versions " + contents.requests.size();
        Pair pair = contents.pairs.get("active pairing");
        String list = "/v1/devices/" + pair.device() + "/requests";
        String cursor = device.expect(200, "GET", list, pair.phone(), "").field("cursor");
        CompletableFuture<Answer> poll = CompletableFuture.supplyAsync(
                () -> device.call("GET", list + "?wait=60&after=" + cursor, pair.phone(), ""));
        String id = contents.submit(platform, name, "active pairing", 900, "");
        CompletableFuture<Answer> end = CompletableFuture.supplyAsync(() -> contents.request(platform, name, 60));
        check(name + ": the device's parked poll", poll.join().body().contains(id));
        respond(device, pair, id);
        check(name + ": the platform's parked poll", end.join().field("state").equals("responded"));
    }

    /** The pairing's rate limit refuses after a minute's worth of calls, and what has refilled meanwhile. */
    private static void limit(Contents contents, Relay relay) {
        Pair pair = contents.pairs.get("active pairing");
        long begin = System.nanoTime();
        List<String> allowed = new ArrayList<>();
        String id = uuid7();
        Answer answer = relay.call("POST", "/v1/requests", pair.platform(), submission(pair, id, 1, ""));
        while (answer.status() == 201) {
            allowed.add(id);
            id = uuid7();
            answer = relay.call("POST", "/v1/requests", pair.platform(), submission(pair, id, 1, ""));
        }
        long refilled = (System.nanoTime() - begin)
                        * SUBMISSIONS_PER_MINUTE
                        / Duration.ofMinutes(1).toNanos()
                + 1;
        check(
                "rate limit of the new relay: " + allowed.size() + ", then " + answer.status() + " "
                        + answer.rateLimit(),
                answer.status() == 429
                        && allowed.size() <= SUBMISSIONS_PER_MINUTE + refilled
                        && answer.rateLimit().contains("\"pair\";r=0;"));
        // What is read before and after the rest of the upgrade has to be the same, so nothing may expire in between.
        for (String request : allowed) {
            until(
                    "a request of the rate limit expires",
                    () -> relay.expect(200, "GET", "/v1/requests/" + request, pair.platform(), "")
                            .field("state")
                            .equals("expired"));
        }
    }

    private static void refused(Contents contents, Relay relay) {
        Pair pair = contents.pairs.get("pairing at its rate limit");
        for (int i = 0; i <= SUBMISSIONS_PER_MINUTE; i++) {
            Answer answer = relay.call("POST", "/v1/requests", pair.platform(), submission(pair, uuid7(), 1, ""));
            if (answer.status() == 429) {
                return;
            }
        }
        throw new IllegalStateException("the old relay has no rate limit");
    }

    /** What was open when the relays were upgraded is completed. */
    private static void goOn(Contents contents, Relay one, Relay other) throws Exception {
        Contents.bind(one, contents.pairs.get("pairing without a device"));
        Pair pair = contents.pairs.get("pairing of a device that does not read");
        String pending = contents.requests.get("pending request");
        Answer list = one.expect(200, "GET", "/v1/devices/" + pair.device() + "/requests", pair.phone(), "");
        check("the pending request reaches its device", list.body().contains(pending));
        respond(one, pair, pending);
        check(
                "its response reaches the platform",
                contents.request(other, "pending request", 60).field("state").equals("responded"));
        receiver.up = true;
        until(
                "the pending webhook arrives",
                () -> receiver.webhooks.stream().anyMatch(hook -> hook.startsWith("down")));
        until(
                "the pending push notification is accepted",
                () -> contents.request(other, "request to push token down", 0)
                        .body()
                        .contains("\"push\":\"accepted\""));
        check("pending webhook and push notification", true);
    }

    private static void print(String title, Map<String, Answer> read) {
        System.out.println("-- " + title);
        read.forEach((name, answer) -> System.out.println("   " + name + ": " + brief(answer)));
    }

    private static void compare(String title, Map<String, Answer> before, Map<String, Answer> after) {
        System.out.println("-- " + title);
        before.forEach((name, answer) -> {
            Answer now = after.get(name);
            boolean same = answer.status() == now.status() && plain(answer).equals(plain(now));
            System.out.println((same ? "   same " : "   DIFFERENT ") + name + ": " + brief(now));
            if (!same) {
                differences++;
                System.out.println("   before: " + answer.status() + " " + answer.body() + "\n   now:    "
                        + now.status() + " " + now.body());
            }
        });
    }

    /** Without the comments of a stream, and without the wording of a problem, which is no part of the contract. */
    private static String plain(Answer answer) {
        String body = answer.body().replaceAll("(?m)^:.*\n", "");
        return answer.status() < 400 ? body : body.replaceAll("\"(title|detail)\":\"[^\"]*\"", "");
    }

    private static String brief(Answer answer) {
        String body = plain(answer).replace("\n", " ");
        return answer.status() + " " + (body.length() > 160 ? body.substring(0, 160) + "..." : body);
    }

    private static void check(String what, boolean right) {
        System.out.println((right ? "   right " : "   WRONG ") + what);
        differences += right ? 0 : 1;
    }

    private static Relay relay(Path folder, String name, String store) throws Exception {
        int port = freePort();
        Process process = start(
                name,
                Map.ofEntries(
                        Map.entry("PORT", "" + port),
                        Map.entry("HOST", "127.0.0.1"),
                        Map.entry("ADMIN_PORT", "0"),
                        Map.entry("STORE", store),
                        Map.entry("RATE_LIMIT_CLIENT", "100000"),
                        Map.entry("RATE_LIMIT_PAIR", "" + SUBMISSIONS_PER_MINUTE),
                        Map.entry("RETENTION", "3600"),
                        Map.entry("MAX_STREAM", "1"),
                        Map.entry("WEBHOOK_ALLOW", "127.0.0.1"),
                        Map.entry("PUSH", "expo"),
                        Map.entry("EXPO_URL", receiver.url("/push")),
                        Map.entry("LOG_LEVEL", "warning")),
                folder.resolve("harp-relay").toString());
        Relay relay = new Relay(process, port);
        until(name + " starts", () -> {
            try {
                return process.isAlive() && relay.call("GET", "/health", "", "").status() == 200;
            } catch (UncheckedIOException e) {
                return false;
            }
        });
        return relay;
    }

    private static Process start(String name, Map<String, String> environment, String... command) throws IOException {
        File log = working.resolve(name + ".log").toFile();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
        builder.environment().putAll(environment);
        Process process = builder.start();
        PROCESSES.add(process);
        return process;
    }

    private static String redisCli(int port, String... command) {
        List<String> all = new ArrayList<>(List.of("redis-cli", "-p", "" + port));
        all.addAll(List.of(command));
        try {
            Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not within " + PATIENCE + ": " + what);
            }
            pause(Duration.ofMillis(100));
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
