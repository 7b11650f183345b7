package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Calls of the operator's listener. */
abstract class AdminRig extends WithRelay {
    static final long HOSTILE = 7;
    static final Pattern TYPE = Pattern.compile("# TYPE (harp_relay_\\w+) (\\w+)");
    static final Pattern ROW = Pattern.compile("\\| `(harp_relay_\\w+)` \\| (\\w+) \\| (.*?)\\|");

    static HttpAnswer admin(TestRelay relay, String method, String target, String... headers) {
        try (RawClient wire = new RawClient(relay.relay().adminPort().orElseThrow())) {
            return wire.sendUntilClosed(TestRelay.request(method, target, NO_TOKEN, NO_BODY, headers))
                    .answer(method);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String metrics(TestRelay relay) {
        return admin(relay, "GET", "/metrics").is(200).body();
    }

    /** In the end: a call is counted when its answer is on its way. What the store holds is read once a second. */
    static void shows(TestRelay relay, String... lines) {
        relay.pass(Duration.ofSeconds(1));
        for (String line : lines) {
            until(line, () -> metrics(relay).contains("\n" + line + "\n"));
        }
    }

    /** Calls on the public port, without those of the check of the listener. */
    static long calls(TestRelay relay) {
        return metrics(relay)
                .lines()
                .filter(line -> line.startsWith("harp_relay_http_requests_total{") && !line.contains("method=\"HEAD\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    static Set<String> series(TestRelay relay) {
        return metrics(relay)
                .lines()
                .filter(line -> line.startsWith("harp_relay_"))
                .map(line -> line.substring(0, line.lastIndexOf(' ')))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    static void isDown(TestRelay relay, String check) {
        HttpAnswer ready = admin(relay, "GET", "/ready").is(503);
        assertThat(ready.body(), startsWith("{\"status\":\"DOWN\""));
        assertThat(ready.body(), containsString("{\"name\":\"" + check + "\",\"status\":\"DOWN\"}"));
        admin(relay, "GET", "/live").is(200);
    }
}
