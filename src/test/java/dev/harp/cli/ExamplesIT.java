package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.client.RelayException;
import dev.harp.message.Decision;
import dev.harp.message.Question.Parameter;
import dev.harp.testing.Shells;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples that are programs, as they stand in {@code examples}, against the built relay and {@code harp}. */
@Tag("long")
class ExamplesIT extends WithPairing {
    private static final Map<String, String> JAVA = Map.of("JAVA_HOME", System.getProperty("java.home"));

    @Override
    SteadyRelay start(Path store) throws IOException, InterruptedException {
        return SteadyRelay.ofProduct(store);
    }

    private HarpProcess run(Map<String, String> more, String... command) throws IOException {
        Map<String, String> environment = new HashMap<>(JAVA);
        environment.putAll(more);
        return HarpProcess.start(home, environment, List.of(command));
    }

    @ParameterizedTest
    @CsvSource({"approved, 0, sh", "denied, 10, mksh", "approved, 0, zsh"})
    void approvalInAScript(String decision, String code, String shell) throws IOException, InterruptedException {
        assumeTrue(Shells.has(shell), shell + " is not installed");
        Map<String, String> given = Map.of("RELAY", relay().address(), "DECISION", decision);
        try (HarpProcess script = run(given, shell, "examples/approval.sh")) {
            List<String> printed = script.answers();
            assertThat(String.join("\n", printed), script.exit(), is(0));
            assertThat(printed, hasItem("decision: " + decision));
            assertThat(printed, hasItem("exit code of harp request: " + code));
        }
    }

    @Test
    void bothEndsInAJavaProgram() throws IOException, InterruptedException {
        Path harp = Path.of(System.getProperty("harp.product", ""));
        String path =
                harp.resolve("*") + File.pathSeparator + harp.resolve("lib").resolve("*");
        try (HarpProcess program = run(
                Map.of(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                path,
                "examples/client/src/main/java/example/Approval.java",
                relay().address())) {
            List<String> printed = program.answers();
            assertThat(program.sayings().toString(), program.exit(), is(0));
            assertThat(printed, contains(startsWith("paired pair_"), startsWith("asked: "), is("approved")));
        }
    }

    /** With the keys from the CI's secrets, and nothing of the person's home. */
    private HarpProcess step(String... options) throws IOException {
        String secret = Files.readString(home.resolve("pairings/demo.json"));
        Path temporary = Files.createDirectories(folder.resolve("runner"));
        List<String> command = new ArrayList<>(List.of("examples/ci-approval.sh"));
        command.addAll(List.of(options));
        return run(
                Map.of("HARP_PAIRING", secret, "HARP_HOME", "/nowhere", "TMPDIR", temporary.toString()),
                command.toArray(String[]::new));
    }

    private List<String> left() {
        String[] names = folder.resolve("runner").toFile().list();
        return names == null ? List.of("no folder") : List.of(names);
    }

    @ParameterizedTest
    @CsvSource({"APPROVED, 0, approved", "DENIED, 10, denied"})
    void aStepOfACiJob(Decision decision, int code, String word)
            throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess step = step("Deploy 2.1", "--param", "commit=4f1c2d9")) {
            step.requestId();
            assertThat(question().action(), is("Deploy 2.1"));
            assertThat(question().parameters(), contains(new Parameter("commit", "4f1c2d9")));
            phone.decide(decision);
            assertThat(step.exit(), is(code));
            assertThat(step.answers(), hasItem(word));
        }
        assertThat(left(), is(empty()));
    }

    @Test
    void aCancelledJobTakesItsCardAway() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess step = step("Deploy 2.1")) {
            step.requestId();
            step.terminate();
            assertThat(step.exit(), is(1));
        }
        assertThat(phone.questions(), is(empty()));
        assertThat(left(), is(empty()));
    }

    @Test
    void aStepWithoutItsSecretAsksNothing() throws IOException, InterruptedException {
        try (HarpProcess step = run(Map.of("HARP_PAIRING", ""), "examples/ci-approval.sh", "Deploy")) {
            assertThat(step.exit(), is(2));
            assertThat(step.answers(), is(empty()));
            step.said("usage: HARP_PAIRING=SECRET");
        }
    }
}
