package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.TestRelay.Pair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code deploy/grafana} asks for is what the relay tells. */
class WatchedTest extends WithRelay {
    private static final Path ALERTS = Path.of("deploy/grafana/alerts.yaml");
    private static final Path DASHBOARD = Path.of("deploy/grafana/dashboard.json");
    private static final Pattern METRIC = Pattern.compile("\\b(?:harp_relay|jvm|process)_[a-z_]+\\b");
    private static final Pattern SELECTED = Pattern.compile("(harp_relay_\\w+)\\{([^}]*)}");
    private static final Pattern LABEL = Pattern.compile("(\\w+)\\\\?=\\\\?\"");
    private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");

    private static Set<String> found(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(match.groupCount() == 0 ? 0 : 1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A relay that has done some of everything. */
    private String metrics() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        relay.list(pair.phone()).is(200);
        relay.respond(pair, id).is(200);
        until(() -> AdminTest.metrics(relay).contains("route=\"/v1/requests/{id}/response\""));
        return AdminTest.metrics(relay);
    }

    @ParameterizedTest
    @ValueSource(strings = {"deploy/grafana/alerts.yaml", "deploy/grafana/dashboard.json"})
    void everyMetricIsThere(String file) throws IOException {
        String text = Files.readString(Path.of(file));
        String metrics = metrics();
        Set<String> told = metrics.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[ {]", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> asked = found(METRIC, text);
        assertThat(asked, hasItems("harp_relay_wake_seconds_bucket", "harp_relay_stored_limit_bytes"));
        asked.removeAll(told);
        assertThat("asked for in " + file + " and never told", asked, is(empty()));
        SELECTED.matcher(text).results().forEach(selector -> {
            String series = metrics.lines()
                    .filter(line -> line.startsWith(selector.group(1) + "{"))
                    .collect(Collectors.joining("\n"));
            found(LABEL, selector.group(2)).stream()
                    .filter(label -> !label.equals("instance"))
                    .forEach(label -> assertThat(selector.group(), series, containsString(label + "=\"")));
        });
    }

    /** {@code docs/troubleshoot.md} says what to do at each alert, and at no other. */
    @Test
    void everyAlertIsExplained() throws IOException {
        Set<String> alerts = found(ALERT, Files.readString(ALERTS));
        assertThat(alerts, is(not(empty())));
        String docs = Files.readString(Path.of("docs/troubleshoot.md"));
        Set<String> explained = found(Pattern.compile("`(HarpRelay\\w+)`"), docs);
        assertThat(explained, is(alerts));
    }

    /** The dashboard is JSON whose panels do not overlap: Grafana would move them about. */
    @Test
    void theDashboardIsWhole() throws IOException {
        try (var reader = jakarta.json.Json.createReader(Files.newBufferedReader(DASHBOARD))) {
            var panels = reader.readObject().getJsonArray("panels").getValuesAs(jakarta.json.JsonObject.class);
            Set<String> taken = new TreeSet<>();
            for (var panel : panels) {
                var place = panel.getJsonObject("gridPos");
                for (int x = place.getInt("x"); x < place.getInt("x") + place.getInt("w"); x++) {
                    for (int y = place.getInt("y"); y < place.getInt("y") + place.getInt("h"); y++) {
                        assertThat(panel.getString("title") + " at " + x + " " + y, taken.add(x + " " + y), is(true));
                    }
                }
            }
        }
    }

    /** Prometheus's own tool, where there is one: {@code .ci/run} installs it. */
    @Test
    void promtoolFindsNothing() throws Exception {
        boolean there = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(dir -> Files.isExecutable(Path.of(dir, "promtool")));
        Assumptions.assumeTrue(there || System.getenv("CI") != null, "promtool is not installed");
        String metrics = metrics();
        assertThat(promtool(metrics, "check", "metrics"), is(""));
        assertThat(promtool("", "check", "rules", ALERTS.toString()), containsString("SUCCESS"));
        assertThat(promtool("", "test", "rules", "deploy/grafana/alerts-test.yaml"), containsString("SUCCESS"));
    }

    private static String promtool(String input, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toList());
        Process process = builder.redirectErrorStream(true).start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output, process.waitFor(), is(0));
        return output;
    }
}
