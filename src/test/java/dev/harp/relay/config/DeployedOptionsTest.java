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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The options that {@code deploy/compose} and {@code deploy/kubernetes} set exist and have valid values. */
class DeployedOptionsTest {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):-([^}]*)}");
    private static final Path COMPOSE = Path.of("deploy/compose/compose.yaml");
    private static final Path DEPLOYMENT = Path.of("deploy/kubernetes/deployment.yaml");
    private static final Path CONFIGMAP = Path.of("deploy/kubernetes/configmap.yaml");
    private static final Path SCALED = Path.of("deploy/compose/compose.scaled.yaml");
    private static final Path SCALED_PODS = Path.of("deploy/kubernetes-scaled");

    /** Half of the memory of the containers, less the survivor space that the JDK does not count. */
    private static final Environment LARGE = new Environment((1L << 29) / 30 * 29, 32_768);

    private record Environment(long heap, long files) {}

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

    /** As compose replaces variables that are not set. */
    private static String withDefaults(String text) {
        return VARIABLE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(match.group(2)));
    }

    private static RelayConfig read(Map<String, String> options) throws InvalidConfig {
        RelayConfig config = ConfigReader.read(
                Optional.of(Path.of("application.yaml")),
                new ConfigReader.Environment(options, LARGE.heap(), LARGE.files()));
        assertThat(config.warnings(), is(empty()));
        return config;
    }

    @Test
    void composeSetsValidOptions() throws InvalidConfig {
        Config relay = yaml(COMPOSE).get("services.relay");
        RelayConfig config = read(options(relay.get("environment")));
        assertThat(
                seconds(relay.get("stop_grace_period").asString().get()),
                greaterThan(config.server().drainTimeout().toSeconds() + 2));
        assertThat(config.server().trustedProxies().toString(), containsString("172.30.87.3"));
        assertThat(relay.get("mem_limit").asString().get(), is("1g"));
        assertThat("no port of the relay is published", relay.get("ports").exists(), is(false));
    }

    @Test
    void kubernetesSetsValidOptions() throws InvalidConfig {
        RelayConfig config = read(options(yaml(CONFIGMAP).get("data")));
        Config pod = yaml(DEPLOYMENT).get("spec.template.spec");
        Config container = pod.get("containers.0");
        assertThat(
                container.get("ports.0.containerPort").asInt().get(),
                is(config.server().port()));
        assertThat(
                container.get("ports.1.containerPort").asInt().get(),
                is(config.admin().port()));
        assertThat(container.get("resources.limits.memory").asString().get(), is("1Gi"));
        long asleep = container.get("lifecycle.preStop.sleep.seconds").asLong().get();
        assertThat(
                pod.get("terminationGracePeriodSeconds").asLong().get(),
                greaterThan(asleep + config.server().drainTimeout().toSeconds() + 2));
    }

    /** Merged with the plain file, it names a directory that is a volume. */
    @Test
    void composeKeepsEverythingInAFile() throws InvalidConfig {
        Map<String, String> environment = options(yaml(COMPOSE).get("services.relay.environment"));
        Config relay = yaml(Path.of("deploy/compose/compose.file.yaml")).get("services.relay");
        environment.putAll(options(relay.get("environment")));
        assertThat(
                "records:" + read(environment).storage().toString().substring("file:".length()),
                is(relay.get("volumes.0").asString().get()));
    }

    /** Secret options can be set in the Kubernetes secret, which takes precedence over the other values. */
    @Test
    void podsTakeEveryOptionFromTheSecret() {
        Config container = yaml(DEPLOYMENT).get("spec.template.spec.containers.0");
        assertThat(container.get("env").exists(), is(false));
        assertThat(container.get("envFrom.0.configMapRef").exists(), is(true));
        assertThat(container.get("envFrom.1.secretRef.name").asString().get(), is("harp-relay"));
        assertThat(container.get("envFrom.1.secretRef.optional").asBoolean().get(), is(true));
    }

    private static long seconds(String text) {
        return Long.parseLong(text.substring(0, text.length() - 1));
    }

    /** Merged with the plain files, the scaled ones set valid options, and two relays share them. */
    @Test
    void theScaledFilesSayWhatTheRelayKnows() throws InvalidConfig {
        Config scaled = yaml(SCALED).get("services");
        Map<String, String> base = options(yaml(COMPOSE).get("services.relay.environment"));
        for (String name : List.of("relay", "relay2")) {
            Map<String, String> environment = new TreeMap<>(base);
            environment.putAll(options(scaled.get(name).get("environment")));
            assertThat(read(environment).storage().toString(), containsString("redis://valkey:6379"));
        }
        String addresses = withDefaults(
                scaled.get("nginx.environment.RELAY_ADDRESS").asString().get());
        for (String address : List.of(
                yaml(COMPOSE)
                        .get("services.relay.networks.relay.ipv4_address")
                        .asString()
                        .get(),
                scaled.get("relay2.networks.relay.ipv4_address").asString().get())) {
            assertThat(addresses, containsString(withDefaults(address)));
        }
        assertKeepsEverything(scaled.get("valkey.command").asList(String.class).get());

        Map<String, String> pod = options(yaml(CONFIGMAP).get("data"));
        pod.putAll(options(yaml(SCALED_PODS.resolve("configmap.yaml")).get("data")));
        assertThat(read(pod).storage().toString(), containsString("redis://valkey:6379"));
        assertKeepsEverything(yaml(SCALED_PODS.resolve("valkey-statefulset.yaml"))
                .get("spec.template.spec.containers.0.args")
                .asList(String.class)
                .get());
    }

    /** Accepted records are on disk before the response, and are never evicted. */
    private static void assertKeepsEverything(List<String> command) {
        String line = String.join(" ", command);
        for (String option : List.of("--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction")) {
            assertThat(line, containsString(option));
        }
    }

    /** A pod is stopped only after its replacement is ready, and only ready pods receive calls. */
    @Test
    void theScaledPodsAreReplacedOneByOne() {
        Config spec = yaml(SCALED_PODS.resolve("deployment.yaml")).get("spec");
        assertThat(spec.get("replicas").asInt().get(), is(2));
        assertThat(spec.get("strategy.type").asString().get(), is("RollingUpdate"));
        assertThat(spec.get("strategy.rollingUpdate.maxUnavailable").asInt().get(), is(0));
        assertThat(spec.get("strategy.rollingUpdate.maxSurge").asInt().get(), is(1));
        Config probe = spec.get("template.spec.containers.0.readinessProbe.httpGet");
        assertThat(
                probe.get("path").asString().get() + " "
                        + probe.get("port").asString().get(),
                is("/health http"));
        assertThat(
                yaml(SCALED_PODS.resolve("poddisruptionbudget.yaml"))
                        .get("spec.maxUnavailable")
                        .asInt()
                        .get(),
                is(1));
    }

    /** Every file that a kustomization names exists. */
    @Test
    void theKustomizationsAreComplete() {
        for (Path folder : List.of(Path.of("deploy/kubernetes"), SCALED_PODS)) {
            Config kustomization = yaml(folder.resolve("kustomization.yaml"));
            for (Config each : kustomization.get("resources").asNodeList().get()) {
                assertThat(
                        each.asString().get(),
                        Files.exists(folder.resolve(each.asString().get())),
                        is(true));
            }
            for (Config each : kustomization.get("patches").asNodeList().orElse(List.of())) {
                Path patch = folder.resolve(each.get("path").asString().get());
                assertThat(patch.toString(), Files.exists(patch), is(true));
            }
        }
    }

    /** The shipped files have every text that {@code nginx.sh} replaces. */
    @Test
    void nginxShRewritesTheShippedFiles(@TempDir Path root) throws Exception {
        String relay = rewritten(root, "172.30.87.2");
        assertThat(withoutComments(relay), containsString("server 172.30.87.2:8787;"));
        assertThat(withoutComments(relay), not(containsString("least_conn")));
    }

    /** With several addresses, the lines for several relays are active. */
    @Test
    void nginxShNamesSeveralRelays(@TempDir Path root) throws Exception {
        String relay = withoutComments(rewritten(root, "172.30.87.2 172.30.87.4"));
        assertThat(relay.replaceAll("\\s+", " "), containsString("zone harp_relay_upstream 64k; least_conn;"));
        assertThat(relay, containsString("\n    server 172.30.87.2:8787 max_fails=0;\n"));
        assertThat(relay, containsString("\n    server 172.30.87.4:8787 max_fails=0;\n"));
    }

    private static String rewritten(Path root, String addresses) throws Exception {
        Path run = Files.createDirectories(root.resolve("run"));
        Path conf = Files.createDirectories(root.resolve("conf.d"));
        String script = Files.readString(Path.of("deploy/compose/nginx.sh"))
                .replace("/harp/nginx/", Path.of("deploy/nginx").toAbsolutePath() + "/")
                .replace("/etc/nginx/conf.d/", conf + "/")
                .replace("/run/nginx.conf", run.resolve("nginx.conf").toString());
        script = script.substring(0, script.indexOf("fingerprint() {"));
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).redirectErrorStream(true);
        builder.environment().putAll(Map.of("DOMAIN", "harp.example.net", "RELAY_ADDRESS", addresses));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output, process.waitFor(), is(0));
        assertThat(Files.readString(run.resolve("nginx.conf")), containsString("\nuser nginx;"));
        String relay = Files.readString(conf.resolve("harp-relay.conf"));
        assertThat(relay, containsString("server_name harp.example.net;"));
        assertThat(relay, containsString(" /harp/tls/fullchain.pem;"));
        assertThat(withoutComments(relay), not(containsString("relay.example.org")));
        assertThat(withoutComments(relay), not(containsString("127.0.0.1:8787")));
        assertThat(withoutComments(relay), not(containsString("/etc/letsencrypt")));
        return relay;
    }

    private static String withoutComments(String conf) throws IOException {
        return conf.replaceAll("(?m)^\\s*#.*$", "");
    }
}
