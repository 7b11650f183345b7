package dev.harp.relay.config;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/compose} and {@code deploy/kubernetes} set is what the relay knows, and means what they say. */
class DeployedOptionsTest {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):-([^}]*)}");
    private static final Path COMPOSE = Path.of("deploy/compose/compose.yaml");
    private static final Path DEPLOYMENT = Path.of("deploy/kubernetes/deployment.yaml");
    private static final Path CONFIGMAP = Path.of("deploy/kubernetes/configmap.yaml");
    private static final Surrounding ROOMY = new Surrounding(1L << 29, 32_768);

    private record Surrounding(long heap, long files) {}

    private static Config yaml(Path file) {
        return Config.just(ConfigSources.file(file));
    }

    private static Map<String, String> options(Config environment) {
        Map<String, String> options = new TreeMap<>();
        environment
                .asNodeList()
                .get()
                .forEach(node ->
                        options.put(node.name(), withDefaults(node.asString().orElse(""))));
        assertThat(options.keySet(), is(not(empty())));
        options.keySet().forEach(name -> assertThat(name, Option.isName(name), is(true)));
        return options;
    }

    /** As compose fills in variables that are not set. */
    private static String withDefaults(String text) {
        return VARIABLE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(match.group(2)));
    }

    private static RelayConfig read(Map<String, String> options) throws InvalidConfig {
        RelayConfig config = ConfigReader.read(
                Optional.of(Path.of("application.yaml")),
                new ConfigReader.Surroundings(options, ROOMY.heap(), ROOMY.files()));
        assertThat(config.warnings(), is(empty()));
        return config;
    }

    @Test
    void composeSaysWhatTheRelayKnows() throws InvalidConfig {
        Config relay = yaml(COMPOSE).get("services.relay");
        RelayConfig config = read(options(relay.get("environment")));
        assertThat(
                seconds(relay.get("stop_grace_period").asString().get()),
                greaterThan(config.server().drainTimeout().toSeconds() + 2));
        assertThat(config.server().trustedProxies().toString(), containsString("172.30.87.3"));
        assertThat("no port of the relay is published", relay.get("ports").exists(), is(false));
    }

    @Test
    void kubernetesSaysWhatTheRelayKnows() throws InvalidConfig {
        RelayConfig config = read(options(yaml(CONFIGMAP).get("data")));
        Config pod = yaml(DEPLOYMENT).get("spec.template.spec");
        Config container = pod.get("containers.0");
        assertThat(
                container.get("ports.0.containerPort").asInt().get(),
                is(config.server().port()));
        assertThat(
                container.get("ports.1.containerPort").asInt().get(),
                is(config.admin().port()));
        long asleep = container.get("lifecycle.preStop.sleep.seconds").asLong().get();
        assertThat(
                pod.get("terminationGracePeriodSeconds").asLong().get(),
                greaterThan(asleep + config.server().drainTimeout().toSeconds() + 2));
    }

    private static long seconds(String text) {
        return Long.parseLong(text.substring(0, text.length() - 1));
    }

    /** Everything that {@code nginx.sh} changes in the shipped files is still there to be changed. */
    @Test
    void nginxShRewritesTheShippedFiles(@TempDir Path root) throws Exception {
        Path run = Files.createDirectories(root.resolve("run"));
        Path conf = Files.createDirectories(root.resolve("conf.d"));
        String script = Files.readString(Path.of("deploy/compose/nginx.sh"))
                .replace("/harp/nginx/", Path.of("deploy/nginx").toAbsolutePath() + "/")
                .replace("/etc/nginx/conf.d/", conf + "/")
                .replace("/run/nginx.conf", run.resolve("nginx.conf").toString());
        script = script.substring(0, script.indexOf("fingerprint() {"));
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true);
        builder.environment().putAll(Map.of("DOMAIN", "harp.example.net", "RELAY_ADDRESS", "172.30.87.2"));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output, process.waitFor(), is(0));
        assertThat(Files.readString(run.resolve("nginx.conf")), containsString("\nuser nginx;"));
        String relay = Files.readString(conf.resolve("harp-relay.conf"));
        assertThat(relay, containsString("server 172.30.87.2:8787;"));
        assertThat(relay, containsString("server_name harp.example.net;"));
        assertThat(relay, containsString(" /harp/tls/fullchain.pem;"));
        assertThat(withoutComments(relay), not(containsString("relay.example.org")));
        assertThat(withoutComments(relay), not(containsString("127.0.0.1:8787")));
        assertThat(withoutComments(relay), not(containsString("/etc/letsencrypt")));
    }

    private static String withoutComments(String conf) throws IOException {
        return conf.replaceAll("(?m)^\\s*#.*$", "");
    }
}
