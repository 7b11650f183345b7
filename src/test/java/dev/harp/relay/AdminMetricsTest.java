package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.testing.HttpAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the operator's listener counts. */
class AdminMetricsTest extends AdminRig {
    @Test
    void aWholeApprovalIsCounted() {
        TestRelay relay = start();
        TestRelay.Pair pair = relay.pair();
        CompletableFuture<HttpAnswer> poll = relay.park(
                "/v1/devices/" + pair.phone().id() + "/requests", pair.phone().token());
        shows(relay, "harp_relay_waiters 1.0");
        String answered = relay.submitted(pair);
        poll.join().is(200);
        String open = relay.submitted(pair);
        shows(
                relay,
                "harp_relay_open_requests{state=\"delivered\"} 1.0",
                "harp_relay_open_requests{state=\"pending\"} 1.0",
                "harp_relay_waiters 0.0",
                "harp_relay_wake_seconds_count 1");
        relay.advanceUnnoticed(Duration.ofSeconds(7));
        relay.respond(pair, answered).is(200);
        relay.delete("/v1/requests/" + open, pair.platform()).is(204);
        relay.submitted(pair, 30);
        relay.advance(Duration.ofSeconds(31));
        until(() -> metrics(relay).contains("route=\"/v1/requests/{id}/response\""));
        shows(
                relay,
                "harp_relay_open_requests{state=\"delivered\"} 0.0",
                "harp_relay_open_requests{state=\"pending\"} 0.0",
                "harp_relay_pairings 1.0",
                "harp_relay_devices 1.0",
                "harp_relay_submissions_total 3.0",
                "harp_relay_outcomes_total{state=\"responded\"} 1.0",
                "harp_relay_outcomes_total{state=\"cancelled\"} 1.0",
                "harp_relay_outcomes_total{state=\"expired\"} 1.0",
                "harp_relay_delivery_seconds_count 1",
                "harp_relay_response_seconds_count 1",
                "harp_relay_response_seconds_sum 7.0",
                "harp_relay_http_requests_total{method=\"POST\",route=\"/v1/requests\",status=\"201\"} 3.0",
                "harp_relay_http_request_seconds_count"
                        + "{method=\"GET\",route=\"/v1/devices/{id}/requests\",waited=\"true\"} 1");
    }

    @Test
    void refusalsAreCountedByScope() {
        TestRelay relay = frozen("RATE_LIMIT_PAIR=1", "RATE_LIMIT_CLIENT=6");
        TestRelay.Pair pair = relay.pair();
        relay.submitted(pair);
        relay.submit(pair, relay.newId()).is(429);
        relay.get("/v1/x", NO_TOKEN).is(404);
        relay.get("/v1/x", NO_TOKEN).is(429);
        shows(
                relay,
                "harp_relay_rate_limited_total{scope=\"client\"} 1.0",
                "harp_relay_rate_limited_total{scope=\"pair\"} 1.0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "text/plain | text/plain",
                "*/* | text/plain",
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.7 | text/plain",
                "application/openmetrics-text;q=0 | text/plain",
                "%%%;;;q=x, | text/plain",
                "application/openmetrics-text | application/openmetrics-text",
                "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1 |"
                        + " application/openmetrics-text",
            })
    void theFormatIsTheOneAskedFor(String accept, String type) {
        HttpAnswer answer =
                admin(start(), "GET", "/metrics", "Accept: " + accept).is(200);
        assertThat(answer.header("Content-Type").orElse(""), startsWith(type));
        if (type.startsWith("application")) {
            assertThat(answer.body(), endsWith("# EOF\n"));
        } else {
            assertThat(answer.body(), not(containsString("# EOF")));
        }
    }

    /** {@code docs/monitor.md} names each metric, with its type and labels, and no other. */
    @Test
    void theTableIsComplete() throws IOException {
        TestRelay relay = start();
        TestRelay.Pair pair = relay.pair();
        relay.submitted(pair);
        until(() -> metrics(relay).contains("route=\"/v1/requests\""));
        String text = metrics(relay);
        Set<String> shown = TYPE.matcher(text)
                .results()
                .map(found -> found.group(1) + " " + type(found) + " " + labels(text, found.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> table = ROW.matcher(Files.readString(Path.of("docs/monitor.md")))
                .results()
                .map(row -> row.group(1) + " " + row.group(2) + " "
                        + Pattern.compile("`(\\w+)`")
                                .matcher(row.group(3).replaceAll(":( `\\w+`,?)+", ""))
                                .results()
                                .map(label -> label.group(1))
                                .collect(Collectors.toCollection(TreeSet::new)))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(shown, is(table));
    }

    private static String type(MatchResult found) {
        return found.group(1).endsWith("_info") ? "info" : found.group(2);
    }

    private static Set<String> labels(String text, String metric) {
        return text.lines()
                .filter(line -> line.matches(metric + "(_bucket|_count|_sum)?\\{.*"))
                .flatMap(
                        line -> Pattern.compile("[{,](\\w+)=\"")
                                .matcher(line)
                                .results()
                                .map(label -> label.group(1))
                                .toList()
                                .stream())
                .filter(label -> !label.equals("le"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
