package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.harp.testing.NpmPackages;
import dev.harp.testing.ObservingProxy;
import dev.harp.testing.RawClient;
import dev.harp.testing.RelayProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a linter and two generators make of the description that a relay serves. Each generated client runs an approval
 * with the built relay, and with one of a later version.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("long")
class GeneratedClientsIT {
    private static final int MINUTES = 5;

    private final Path jars = Path.of("target/openapi-java").toAbsolutePath();
    private Path packages = Path.of("");
    private Path description = Path.of("");
    private RelayProcess relay;
    private ObservingProxy later;

    @TempDir
    Path folder;

    GeneratedClientsIT() throws IOException {
        relay = RelayProcess.ofProduct(
                Map.of("RATE_LIMIT_CLIENT", "0", "RATE_LIMIT_PAIR", "0", "LOG_FORMAT", "text"),
                RelayProcess.SMALL_PRODUCT);
    }

    @BeforeAll
    void start() throws IOException, InterruptedException {
        packages = NpmPackages.installed("openapi");
        later = LaterRelay.before(relay.port());
        description = packages.resolve("openapi.yaml");
        try (RawClient wire = new RawClient(relay.port())) {
            wire.send("GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Files.writeString(description, wire.answer().is(200).body());
        }
    }

    @AfterAll
    void stop() {
        later.close();
        relay.close();
    }

    /** What the command prints. Fails with it if the command fails. */
    private List<String> run(Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path printed = Files.createTempFile(folder, "run", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(packages.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            fail(command + " has not ended within " + MINUTES + " minutes: " + Files.readString(printed));
        }
        assertThat(command + " printed " + Files.readString(printed), process.exitValue(), is(0));
        return Files.readAllLines(printed);
    }

    private List<String> node(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        return run(
                environment,
                Stream.concat(Stream.of("node"), Stream.of(arguments)).toList());
    }

    private String address(int port) {
        return "http://127.0.0.1:" + port;
    }

    private static String[] approval(String forwarded, String state, String code, String... streamed) {
        List<String> lines = new ArrayList<>(List.of(
                "forwarded none" + forwarded, "paired active" + state + " true a2V5cw", "submitted pending" + state));
        lines.addAll(List.of(streamed));
        lines.addAll(List.of(
                "listed delivered" + state + " true",
                "final responded" + state + " none" + state + " true true",
                "refused 409 already_decided" + code,
                "removed 204"));
        return lines.toArray(String[]::new);
    }

    private static String[] today(String... streamed) {
        return approval("", "", "", streamed);
    }

    private static String[] tomorrow() {
        return approval(LaterRelay.LATER, LaterRelay.LATER, LaterRelay.LATER);
    }

    @Test
    void theLinterFindsNothing() throws IOException, InterruptedException {
        node(
                Map.of("REDOCLY_TELEMETRY", "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"),
                "node_modules/@redocly/cli/bin/cli.js",
                "lint",
                "--config=redocly.yaml",
                description.toString());
    }

    @Test
    void aTypeScriptClientApproves() throws IOException, InterruptedException {
        node(Map.of("DESCRIPTION", description.toString()), "node_modules/@hey-api/openapi-ts/bin/run.js");
        node(Map.of(), "node_modules/typescript/bin/tsc", "-p", ".");
        assertThat(node(Map.of(), "build/approval.js", address(relay.port())), contains(today("streamed true")));
        assertThat(node(Map.of(), "build/approval.js", address(later.port()), "polls"), contains(tomorrow()));
    }

    @Test
    void aJavaClientApproves() throws IOException, InterruptedException {
        if (!Files.exists(jars.resolve("openapi-generator-cli.jar"))) {
            String missing = "the generator is not there: the build fetches it with -Plong";
            if ("true".equals(System.getenv("CI"))) {
                fail(missing);
            }
            abort(missing);
        }
        Path bin = Path.of(System.getProperty("java.home"), "bin");
        Path client = folder.resolve("client");
        run(
                Map.of(),
                List.of(
                        bin.resolve("java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        jars.resolve("openapi-generator-cli.jar").toString(),
                        "generate",
                        "--input-spec=" + description,
                        "--generator-name=java",
                        "--library=native",
                        "--output=" + client,
                        "--global-property=models,apis,supportingFiles,modelDocs=false,apiDocs=false,modelTests=false,"
                                + "apiTests=false"));
        Path models = client.resolve("src/main/java/org/openapitools/client/model");
        try (Stream<Path> files = Files.list(models)) {
            assertThat(
                    files.map(file -> file.getFileName().toString())
                            .filter(name -> name.startsWith("Inline") || name.matches(".*[0-9].*"))
                            .toList(),
                    is(empty()));
        }
        Path classes = folder.resolve("classes");
        String path = jars.resolve("*").toString();
        List<String> compile = new ArrayList<>(List.of(
                bin.resolve("javac").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-proc:none",
                "-nowarn",
                "-d",
                classes.toString(),
                "-cp",
                path,
                packages.resolve("Approval.java").toString()));
        try (Stream<Path> files = Files.walk(client.resolve("src/main/java"))) {
            files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(compile::add);
        }
        run(Map.of(), compile);
        List<String> approval = List.of(
                bin.resolve("java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classes + File.pathSeparator + path,
                "Approval");
        assertThat(run(Map.of(), and(approval, address(relay.port()))), contains(today()));
        assertThat(run(Map.of(), and(approval, address(later.port()))), contains(tomorrow()));
    }

    private static List<String> and(List<String> command, String more) {
        return Stream.concat(command.stream(), Stream.of(more)).toList();
    }
}
