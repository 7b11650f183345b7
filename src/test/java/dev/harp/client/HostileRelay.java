package dev.harp.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Whole;
import dev.harp.testing.FakeServer;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A relay that keeps what it is given and answers at once. A test changes what it keeps, or tells it what to answer
 * instead: so it does what a real relay does not do on demand. It never waits, and knows no time.
 */
public final class HostileRelay extends FakeServer {
    private final Map<String, Pairing> pairings = new LinkedHashMap<>();
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<Script> scripts = new ArrayList<>();
    private Members about = JsonTree.object().add("time", 0).add("app", false).build();
    private String away = "";
    private int issued;
    private int cursor;

    /** A pairing as the relay knows it. */
    public static final class Pairing {
        private String secretHash = "";
        private String device = "";
        private String payload = "";
        private boolean ended;

        public String secretHash() {
            return secretHash;
        }

        public boolean ended() {
            return ended;
        }

        /** The relay puts another payload in the device's place. */
        public void payload(String other) {
            payload = other;
        }

        public String payload() {
            return payload;
        }

        /** The relay binds a device of its own. */
        public void bind(String otherPayload) {
            device = "dev_000000000666";
            payload = otherPayload;
        }
    }

    /** A request as the relay knows it. */
    public static final class Entry {
        private final String pairId;
        private String nonce;
        private String ciphertext;
        private String state = "pending";
        private String answered = "responded";
        private Optional<Members> response = Optional.empty();

        private Entry(Members submission) {
            pairId = submission.text("pair_id").orElseThrow();
            nonce = submission.text("nonce").orElseThrow();
            ciphertext = submission.text("ciphertext").orElseThrow();
        }

        public String nonce() {
            return nonce;
        }

        public String ciphertext() {
            return ciphertext;
        }

        /** The relay shows another envelope under this id. */
        public void envelope(Entry other) {
            nonce = other.nonce;
            ciphertext = other.ciphertext;
        }

        public String state() {
            return state;
        }

        public void state(String other) {
            state = other;
        }

        /** The relay will report this state with the response, from the moment it has one. */
        public void answered(String other) {
            answered = other;
        }

        public Optional<Members> response() {
            return response;
        }

        /** The relay reports this response. */
        public void response(Members other) {
            response = Optional.of(other);
            state = answered;
        }

        /** The relay swallows the response and shows the request again. */
        public void swallow() {
            response = Optional.empty();
            state = "pending";
        }

        private boolean open() {
            return state.equals("pending") || state.equals("delivered");
        }
    }

    /** What to do with the next request of a call. */
    private record Script(String call, boolean happens, Optional<Reply> reply, Runnable first) {}

    public HostileRelay() {
        this(InetAddress.getLoopbackAddress());
    }

    public HostileRelay(InetAddress address) {
        super(listen(address));
        start();
    }

    public String url() {
        return "http://" + address().getHostAddress() + ":" + port();
    }

    /** The next request whose method and path match is answered so, and nothing else happens. */
    public synchronized HostileRelay instead(String call, Reply... replies) {
        for (Reply reply : replies) {
            scripts.add(new Script(call, false, Optional.of(reply), () -> {}));
        }
        return this;
    }

    /** The next request whose method and path match does what it asks for, but its answer is lost. */
    public synchronized HostileRelay losing(String call) {
        scripts.add(new Script(call, true, Optional.of(hangUp()), () -> {}));
        return this;
    }

    /** While the next request whose method and path match is under way, something else happens before its answer. */
    public synchronized HostileRelay meanwhile(String call, Runnable first) {
        scripts.add(new Script(call, true, Optional.empty(), first));
        return this;
    }

    /** Connections with a request whose method and path match are closed, until {@link #back}. */
    public synchronized void away(String calls) {
        away = calls;
    }

    public synchronized void back() {
        away = "";
    }

    /** What {@code /v1/about} answers from now on. */
    public synchronized void about(Members other) {
        about = other;
    }

    public synchronized Pairing pairing(String id) {
        return Optional.ofNullable(pairings.get(id)).orElseThrow();
    }

    public synchronized Entry entry(String id) {
        return Optional.ofNullable(entries.get(id)).orElseThrow();
    }

    /** Ids of all requests, oldest first. */
    public synchronized List<String> ids() {
        return List.copyOf(entries.keySet());
    }

    /** The relay puts a request of its own into the device's list. */
    public synchronized void put(String id, String pairId, String nonce, String ciphertext) {
        Members item = JsonTree.object()
                .add("pair_id", pairId)
                .add("nonce", nonce)
                .add("ciphertext", ciphertext)
                .build();
        entries.put(id, new Entry(item));
    }

    /** The relay forgets everything, as one that stores in memory does when it restarts. */
    public synchronized void forget() {
        pairings.clear();
        entries.clear();
    }

    public static Reply problem(int status, String code, String... headers) {
        return json(status, JsonTree.object().add("code", code).add("detail", "as the test says"), headers);
    }

    static Reply json(int status, JsonTree.Builder body, String... headers) {
        return response(status, new String(ExactJson.write(body.build()), UTF_8), headers);
    }

    @Override
    protected synchronized Reply answer(Request request) {
        if (request.call().matches(away)) {
            return hangUp();
        }
        Optional<Script> next = scripts.stream()
                .filter(script -> request.call().matches(script.call()))
                .findFirst();
        if (next.isEmpty()) {
            return honest(request);
        }
        Script script = next.get();
        scripts.remove(script);
        script.first().run();
        Optional<Reply> honest = script.happens() ? Optional.of(honest(request)) : Optional.empty();
        return script.reply().or(() -> honest).orElseThrow();
    }

    private Reply honest(Request request) {
        String[] path = request.call().replaceFirst("^\\S+ ", "").split("/", -1);
        String id = path.length > 3 ? path[3] : "";
        Members body = ExactJson.readAny(request.bytes()).orElse(new Members(Map.of()));
        return switch (request.method() + " " + path[2] + (path.length > 4 ? "/" + path[4] : "")) {
            case "GET about" -> response(200, new String(ExactJson.write(about), UTF_8));
            case "POST pairs" -> open(body);
            case "GET pairs" -> pairings.containsKey(id) ? pairing(id, pairing(id)) : problem(401, "unauthorized");
            case "PUT pairs/device" -> bind(id, token(request), body);
            case "DELETE pairs" -> revoke(id);
            case "POST devices" -> register();
            case "PATCH devices" -> json(200, JsonTree.object());
            case "DELETE devices" -> response(204, "");
            case "GET devices/requests" -> list(id);
            case "POST requests" -> submit(body);
            case "GET requests" -> entries.containsKey(id) ? timeline(id, entry(id)) : problem(401, "unauthorized");
            case "PUT requests/response" -> respond(id, body);
            case "DELETE requests" -> cancel(id);
            default -> problem(404, "not_found");
        };
    }

    private static String token(Request request) {
        return request.headerOrEmpty("Authorization").replace("Bearer ", "");
    }

    private Reply open(Members body) {
        issued++;
        String id = String.format("pair_%012x", issued);
        Pairing pairing = new Pairing();
        pairing.secretHash = body.text("secret_hash").orElseThrow();
        pairings.put(id, pairing);
        return json(
                201,
                JsonTree.object()
                        .add("pair_id", id)
                        .add("status", "pending")
                        .add("platform_token", "hpt_" + issued)
                        .add("expires_at", 0));
    }

    private static Reply pairing(String id, Pairing pairing) {
        if (pairing.ended) {
            return problem(410, "pair_revoked");
        }
        JsonTree.Builder json = JsonTree.object().add("pair_id", id);
        return json(
                200,
                pairing.device.isEmpty()
                        ? json.add("status", "pending")
                        : json.add("status", "active")
                                .add("device_id", pairing.device)
                                .add("payload", pairing.payload));
    }

    private Reply bind(String id, String token, Members body) {
        Pairing pairing = pairings.get(id);
        if (pairing == null || !body.text("secret_hash").equals(Optional.of(pairing.secretHash))) {
            return problem(403, "wrong_secret");
        }
        String device = token.replace("hdt_", "dev_");
        String payload = body.text("payload").orElse("");
        if (pairing.ended) {
            return problem(410, "pair_revoked");
        }
        if (!pairing.device.isEmpty() && !(pairing.device.equals(device) && pairing.payload.equals(payload))) {
            return problem(409, "already_paired");
        }
        pairing.device = device;
        pairing.payload = payload;
        return pairing(id, pairing);
    }

    private Reply revoke(String id) {
        Pairing pairing = pairings.get(id);
        if (pairing == null) {
            return problem(401, "unauthorized");
        }
        if (pairing.ended) {
            return problem(410, "pair_revoked");
        }
        pairing.ended = true;
        entries.values().stream()
                .filter(entry -> entry.pairId.equals(id) && entry.open())
                .forEach(entry -> entry.state = "cancelled");
        return response(204, "");
    }

    private Reply register() {
        issued++;
        String number = String.format("%012x", issued);
        return json(201, JsonTree.object().add("device_id", "dev_" + number).add("device_token", "hdt_" + number));
    }

    private Reply list(String device) {
        List<Members> items = entries.entrySet().stream()
                .filter(item -> item.getValue().open())
                .filter(item -> pairings.containsKey(item.getValue().pairId)
                        && pairing(item.getValue().pairId).device.equals(device))
                .map(item -> item(item.getKey(), item.getValue()))
                .toList();
        cursor++;
        return json(200, JsonTree.object().add("requests", items).add("cursor", "c" + cursor));
    }

    static Members item(String id, Entry entry) {
        return JsonTree.object()
                .add("request_id", id)
                .add("pair_id", entry.pairId)
                .add("nonce", entry.nonce)
                .add("ciphertext", entry.ciphertext)
                .add("created_at", new Whole(0))
                .add("expires_at", new Whole(0))
                .add("state", entry.state)
                .build();
    }

    private Reply submit(Members body) {
        String id = body.text("request_id").orElseThrow();
        Entry known = entries.get(id);
        Entry fresh = new Entry(body);
        if (known != null) {
            return known.nonce.equals(fresh.nonce) && known.ciphertext.equals(fresh.ciphertext)
                    ? json(200, JsonTree.object().add("request_id", id).add("state", known.state))
                    : problem(409, "duplicate_request");
        }
        Pairing pairing = pairings.get(fresh.pairId);
        if (pairing == null) {
            return problem(401, "unauthorized");
        }
        if (pairing.ended) {
            return problem(410, "pair_revoked");
        }
        entries.put(id, fresh);
        return json(201, JsonTree.object().add("request_id", id).add("state", "pending"));
    }

    private static Reply timeline(String id, Entry entry) {
        JsonTree.Builder json = JsonTree.object().add("request_id", id).add("state", entry.state);
        entry.response.ifPresent(response -> json.add("response", response));
        return json(200, json);
    }

    private Reply respond(String id, Members body) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return problem(401, "unauthorized");
        }
        Reply done = json(200, JsonTree.object().add("state", "responded"));
        if (entry.open()) {
            entry.response(body);
            return done;
        }
        return switch (entry.state) {
            case "responded" -> entry.response.equals(Optional.of(body)) ? done : problem(409, "already_responded");
            case "expired" -> problem(410, "request_expired");
            default -> problem(410, "request_cancelled");
        };
    }

    private Reply cancel(String id) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return problem(401, "unauthorized");
        }
        if (!entry.open()) {
            return problem(409, "already_decided");
        }
        entry.state = "cancelled";
        return response(204, "");
    }
}
