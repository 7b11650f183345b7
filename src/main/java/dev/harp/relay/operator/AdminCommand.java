package dev.harp.relay.operator;

import dev.harp.json.Json;
import dev.harp.relay.outbound.BodyLimit;
import dev.harp.relay.outbound.HttpAnswer;
import dev.harp.relay.outbound.HttpConnection;
import dev.harp.relay.outbound.HttpRequest;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.outbound.TimedCalls;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** Carries out an act at a running relay, and prints what it has done. */
public final class AdminCommand {
    /** The exit status if it is done. */
    public static final int DONE = 0;

    /** The exit status if the relay refused, or was not reached. */
    public static final int REFUSED = 1;

    /** The exit status for a URL that cannot be one of an admin listener. */
    public static final int WRONG = 2;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final BodyLimit WHOLE = new BodyLimit(1024 * 1024, true);
    private static final int LONGEST = 600;
    private static final String NETWORK = "%-20s  %8s  %12s  %8s  %8s  %7s%n";
    private static final String PAIRING = "%-20s  %12s  %7s%n";

    private final TargetUrl relay;
    private final PrintStream out;

    private AdminCommand(TargetUrl relay, PrintStream out) {
        this.relay = relay;
        this.out = out;
    }

    /** The relay has refused, or there is no answer of a relay. */
    private static final class Failed extends Exception {
        private static final long serialVersionUID = 1;

        Failed(String line) {
            super(line);
        }
    }

    /**
     * Carries out the act.
     *
     * @param url the admin listener, {@code http://HOST[:PORT]}
     * @return the exit status
     */
    public static int run(Act act, String url, PrintStream out, PrintStream err) {
        if (!(TargetUrl.parse(url) instanceof TargetUrl.Good(TargetUrl relay))
                || relay.https()
                || !relay.target().equals("/")) {
            err.println(line("the URL is '" + url + "'; allowed: http://HOST[:PORT] of an admin listener"));
            return WRONG;
        }
        try {
            new AdminCommand(relay, out).act(act);
            return DONE;
        } catch (Failed e) {
            err.println(line(String.valueOf(e.getMessage())));
            return REFUSED;
        }
    }

    private static String line(String text) {
        String printable = text.replaceAll("[^ -~]", "?");
        return "harp-relay admin: "
                + (printable.length() <= LONGEST ? printable : printable.substring(0, LONGEST) + "...");
    }

    private void act(Act act) throws Failed {
        switch (act) {
            case Act.Holders() -> holders(call("GET", "/holders"));
            case Act.End(String network) -> end(network);
            case Act.Revoke(var pair) -> {
                JsonObject done = call("DELETE", "/pairs/" + pair.value());
                out.println("revoked " + pair + "; open requests cancelled: " + number(done, "open_requests"));
            }
            case Act.Remove(var device) -> {
                JsonObject done = call("DELETE", "/devices/" + device.value());
                out.println("removed " + device + "; its pairings: " + number(done, "pairings"));
            }
        }
    }

    private void holders(JsonObject found) throws Failed {
        List<JsonObject> networks = list(found, "networks");
        out.printf(NETWORK, "network", "of share", "bytes", "pairings", "devices", "waiters");
        for (JsonObject each : networks) {
            out.printf(
                    NETWORK,
                    text(each, "network"),
                    number(each, "percent") + " %",
                    number(each, "bytes"),
                    number(each, "pairings"),
                    number(each, "devices"),
                    number(each, "waiters"));
        }
        out.println();
        List<JsonObject> pairings = list(found, "pairings");
        out.printf(PAIRING, "pairing", "bytes", "waiters");
        for (JsonObject each : pairings) {
            out.printf(PAIRING, text(each, "pair_id"), number(each, "bytes"), number(each, "waiters"));
        }
    }

    /** Step by step, so that no call takes long. */
    private void end(String network) throws Failed {
        long pairings = 0;
        long devices = 0;
        String name;
        String target = "/networks?network=" + URLEncoder.encode(network, StandardCharsets.UTF_8);
        Optional<String> after = Optional.empty();
        do {
            JsonObject done = call(
                    "DELETE",
                    target
                            + after.map(id -> "&after=" + URLEncoder.encode(id, StandardCharsets.UTF_8))
                                    .orElse(""));
            name = text(done, "network");
            pairings += number(done, "pairings");
            devices += number(done, "devices");
            after = Json.string(done, "next");
        } while (after.isPresent());
        out.println(
                "ended what " + name + " has opened; pairings revoked: " + pairings + ", devices removed: " + devices);
    }

    private static List<JsonObject> list(JsonObject in, String name) throws Failed {
        return Json.array(in, name).orElseThrow(() -> missing(name)).stream()
                .filter(JsonObject.class::isInstance)
                .map(JsonObject.class::cast)
                .toList();
    }

    private static String text(JsonObject in, String name) throws Failed {
        return Json.string(in, name)
                .filter(text -> text.matches("[a-z0-9_-]{1,40}"))
                .orElseThrow(() -> missing(name));
    }

    private static Failed missing(String name) {
        return new Failed("the answer is not one of this relay's version: no " + name);
    }

    private static long number(JsonObject in, String name) throws Failed {
        if (in.get(name) instanceof jakarta.json.JsonNumber number && number.isIntegral()) {
            return number.longValue();
        }
        throw missing(name);
    }

    private JsonObject call(String method, String target) throws Failed {
        HttpAnswer answer = exchange(new HttpRequest(
                method, target, Map.of("User-Agent", "harp-relay-admin", "Connection", "close"), new byte[0]));
        Optional<JsonObject> body = Json.tryObject(answer.body());
        if (!answer.ok() || body.isEmpty()) {
            throw new Failed(body.flatMap(problem -> Json.string(problem, "detail"))
                    .orElse("answered " + answer.status() + ": is " + relay + " the relay's admin listener?"));
        }
        return body.get();
    }

    private HttpAnswer exchange(HttpRequest request) throws Failed {
        try (TimedCalls calls = new TimedCalls()) {
            return calls.call(PATIENCE, () -> {
                List<InetAddress> addresses = List.of(InetAddress.getAllByName(relay.host()));
                try (HttpConnection connection = HttpConnection.open(relay.authority(), addresses, relay.port())) {
                    return connection.exchange(request, WHOLE);
                }
            });
        } catch (TimeoutException _) {
            throw new Failed("no answer from " + relay + " within " + PATIENCE.toSeconds() + " s");
        } catch (IOException e) {
            throw new Failed("no answer from " + relay + " (" + e.getMessage() + "): is the relay running on this"
                    + " machine, with this ADMIN_HOST and ADMIN_PORT? --url names another admin listener");
        }
    }
}
