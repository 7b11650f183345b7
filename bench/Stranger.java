import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One client takes all that a relay gives it, at full rate, and another one makes an approval a second: registers,
 * pairs, waits, submits, responds, and waits for the answer. Prints what became of both.
 *
 * <p>The relay has to run with RATE_LIMIT_CLIENT=0 and RATE_LIMIT_PAIR=0, and has to trust X-Forwarded-For from here:
 * the two clients are two addresses. Arguments: the relay's URL, and for how many seconds.
 */
public class Stranger {
    private static final int WORKERS = 16;
    private static final int MOST_POLLS = 2000;
    private static final int LARGE = 65_536;
    private static final String SECRET = "8ed32ea2b2203bf42a7b108551bb68f8d028d9432bb0ae7f6b9ee01abf44f904";

    private final String url;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, AtomicLong> answers = new ConcurrentSkipListMap<>();
    private final List<Pair> pairs = new CopyOnWriteArrayList<>();
    private final AtomicLong polls = new AtomicLong();

    /** A pairing with its device. */
    private record Pair(String id, String platform, String device, String token) {}

    private Stranger(String url) {
        this.url = url;
    }

    public static void main(String[] arguments) throws Exception {
        System.exit(new Stranger(arguments[0]).run(Long.parseLong(arguments[1])) ? 0 : 1);
    }

    private HttpRequest request(String from, String method, String path, String token, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .timeout(Duration.ofSeconds(60))
                .header("X-Forwarded-For", from);
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        return request.build();
    }

    private HttpResponse<String> call(String from, String method, String path, String token, String body)
            throws IOException, InterruptedException {
        return http.send(request(from, method, path, token, body), BodyHandlers.ofString());
    }

    private static String text(HttpResponse<String> answer, String member) {
        Matcher found = Pattern.compile("\"" + member + "\":\"([^\"]*)\"").matcher(answer.body());
        if (!found.find()) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
        return found.group(1);
    }

    private static String submission(Pair pair, String id, int length) {
        return "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair.id()
                + "\",\"nonce\":\"bm9uY2U\",\"ttl\":86400,\"ciphertext\":\"" + "A".repeat(length) + "\"}";
    }

    /** A UUIDv7 of now. */
    private static String newId() {
        long high = System.currentTimeMillis() << 16
                | 0x7000
                | ThreadLocalRandom.current().nextInt(0x1000);
        return new UUID(high, ThreadLocalRandom.current().nextLong() >>> 2 | Long.MIN_VALUE).toString();
    }

    /** Returns whether every approval was served. */
    private boolean run(long seconds) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < WORKERS; i++) {
            workers.add(Thread.startVirtualThread(() -> {
                while (System.nanoTime() < end) {
                    take();
                }
            }));
        }
        List<Long> served = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        while (System.nanoTime() < end) {
            long begun = System.nanoTime();
            try {
                approve();
                served.add(System.nanoTime() - begun);
            } catch (IOException | IllegalStateException e) {
                failures.add(e.toString());
            }
            Thread.sleep(Duration.ofSeconds(1));
        }
        for (Thread worker : workers) {
            worker.join();
        }
        System.out.println("the greedy client's calls: " + new TreeMap<>(answers));
        long[] micros =
                served.stream().mapToLong(nanos -> nanos / 1000).sorted().toArray();
        System.out.println("the other client's approvals: " + micros.length + " served, " + failures.size() + " failed"
                + (micros.length == 0
                        ? ""
                        : ", p50 " + micros[micros.length / 2] + " us, p99 " + micros[micros.length * 99 / 100]
                                + " us, max " + Arrays.stream(micros).max().getAsLong() + " us"));
        failures.stream().distinct().limit(5).forEach(System.out::println);
        return failures.isEmpty();
    }

    /** One step of the greedy client: any kind of call that makes the relay hold something. */
    private void take() {
        String from = "203.0.113.7";
        try {
            switch (ThreadLocalRandom.current().nextInt(6)) {
                case 0 -> count("register", call(from, "POST", "/v1/devices", "", "{}"));
                case 1 -> count("open", call(from, "POST", "/v1/pairs", "", opening()));
                case 2 -> {
                    Pair pair = pair(from);
                    if (pairs.size() < MOST_POLLS) {
                        pairs.add(pair);
                    }
                    count(
                            "push token",
                            call(
                                    from,
                                    "PATCH",
                                    "/v1/devices/" + pair.device(),
                                    pair.token(),
                                    "{\"push_token\":\"" + "A".repeat(4096) + "\"}"));
                }
                case 3 -> {
                    if (!pairs.isEmpty() && polls.get() < MOST_POLLS) {
                        Pair pair = pairs.get(ThreadLocalRandom.current().nextInt(pairs.size()));
                        polls.incrementAndGet();
                        http.sendAsync(
                                        request(from, "GET", "/v1/pairs/" + pair.id() + "/events", pair.platform(), ""),
                                        BodyHandlers.discarding())
                                .whenComplete((answer, _) -> {
                                    polls.decrementAndGet();
                                    count("wait", answer);
                                });
                    }
                }
                default -> {
                    if (!pairs.isEmpty()) {
                        Pair pair = pairs.get(ThreadLocalRandom.current().nextInt(pairs.size()));
                        count(
                                "submit",
                                call(from, "POST", "/v1/requests", pair.platform(), submission(pair, newId(), LARGE)));
                    }
                }
            }
        } catch (IOException e) {
            answers.computeIfAbsent("no answer", _ -> new AtomicLong()).incrementAndGet();
        } catch (IllegalStateException e) {
            answers.computeIfAbsent("pair refused", _ -> new AtomicLong()).incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void count(String what, HttpResponse<?> answer) {
        String outcome = answer == null ? "no answer" : "" + answer.statusCode();
        answers.computeIfAbsent(what + " " + outcome, _ -> new AtomicLong()).incrementAndGet();
    }

    private static String opening() {
        return "{\"secret_hash\":\"" + SECRET + "\",\"ttl\":600}";
    }

    private Pair pair(String from) throws IOException, InterruptedException {
        HttpResponse<String> registered = call(from, "POST", "/v1/devices", "", "{}");
        String device = text(registered, "device_id");
        String token = text(registered, "device_token");
        HttpResponse<String> opened = call(from, "POST", "/v1/pairs", "", opening());
        Pair pair = new Pair(text(opened, "pair_id"), text(opened, "platform_token"), device, token);
        text(
                call(
                        from,
                        "PUT",
                        "/v1/pairs/" + pair.id() + "/device",
                        token,
                        "{\"secret_hash\":\"" + SECRET + "\",\"payload\":\"" + "A".repeat(2048) + "\"}"),
                "status");
        return pair;
    }

    /** A whole approval of the other client, and all of it is removed again. */
    private void approve() throws IOException, InterruptedException {
        String from = "198.51.100.9";
        Pair pair = pair(from);
        var inbox = http.sendAsync(
                request(from, "GET", "/v1/devices/" + pair.device() + "/requests?wait=50", pair.token(), ""),
                BodyHandlers.ofString());
        String id = newId();
        text(call(from, "POST", "/v1/requests", pair.platform(), submission(pair, id, 2000)), "request_id");
        text(inbox.join(), "request_id");
        var outcome = http.sendAsync(
                request(from, "GET", "/v1/requests/" + id + "?wait=50", pair.platform(), ""), BodyHandlers.ofString());
        call(
                from,
                "PUT",
                "/v1/requests/" + id + "/response",
                pair.token(),
                "{\"nonce\":\"bm9uY2U\",\"ciphertext\":\"" + "A".repeat(500) + "\"}");
        if (!text(outcome.join(), "state").equals("responded")) {
            throw new IllegalStateException("the answer has not arrived");
        }
        call(from, "DELETE", "/v1/devices/" + pair.device(), pair.token(), "");
    }
}
