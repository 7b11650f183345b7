package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.client.RelayException;
import dev.harp.message.Decision;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hook as an agent starts it: {@code ./harp} with an event on standard input. */
class HookIT extends WithPairing {
    private static final String EVENT = WithHook.event("PermissionRequest", "Bash", "{\"command\":\"git push\"}", "");

    @Override
    SteadyRelay start(Path store) throws IOException, InterruptedException {
        return SteadyRelay.ofProduct(store);
    }

    private HarpProcess hook(Path program, Map<String, String> environment, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", program.toString(), "hook", "claude", "--name", "demo"));
        command.addAll(List.of(more));
        HarpProcess hook = HarpProcess.start(home, environment, command);
        hook.type(EVENT).typeEnd();
        return hook;
    }

    private HarpProcess hook(String... more) throws IOException {
        return hook(Path.of("harp"), Map.of("JAVA_HOME", System.getProperty("java.home")), more);
    }

    @Test
    void theAgentGetsOneLine() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess hook = hook()) {
            hook.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(hook.exit(), is(0));
            assertThat(
                    hook.answers(),
                    contains("{\"hookSpecificOutput\":{\"hookEventName\":\"PermissionRequest\",\"decision\":"
                            + "{\"behavior\":\"allow\"}}}"));
        }
    }

    /** The agent has got its answer elsewhere, and ends the hook. */
    @Test
    void sigtermWithdrawsTheCard() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess hook = hook()) {
            hook.requestId();
            assertThat(phone.questions().size(), is(1));
            long start = System.nanoTime();
            hook.terminate();
            untilQuestions(0);
            System.out.printf("SIGTERM to a hook: its card is gone after %d ms%n", since(start));
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
        }
        assertThat(phone.questions(), is(empty()));
    }

    private static long since(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    /** Nobody's phone rings while somebody may be at the terminal. */
    @Test
    void beforeItRingsASignalEndsIt() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess hook = hook("--ring-after", "250")) {
            hook.said("asks in 250 s");
            assertThat(phone.questions(), is(empty()));
            hook.terminate();
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
        }
        assertThat(phone.questions(), is(empty()));
    }

    @Test
    void aDeadRelayIsNoDecision() throws IOException, InterruptedException, RelayException {
        try (GatedProxy proxy = new GatedProxy(relay().port())) {
            phone.close();
            phone = new TestPhone(proxy.address());
            pair(this::harp, "demo", proxy.address(), List.of());
        }
        long start = System.nanoTime();
        try (HarpProcess hook = hook()) {
            assertThat(hook.exit(), is(0));
            System.out.printf("A hook without a relay: ends with 0 after %d ms%n", since(start));
            assertThat(hook.answers(), is(empty()));
            System.out.println(hook.said("No decision: "));
        }
        try (HarpProcess hook = hook("--ttl", "2", "--strict")) {
            assertThat(hook.exit(), is(0));
            assertThat(hook.answer(), containsString("\"behavior\":\"deny\""));
        }
    }

    /** An agent's time limit is shorter than a build, and what a build prints is no answer. */
    @ParameterizedTest
    @CsvSource({"true, ''", "false, ''", "true, --strict", "false, --strict"})
    void withoutAProgramNothingIsBuilt(boolean java, String more) throws IOException, InterruptedException {
        Path program = HarpProcess.unbuilt(folder);
        Map<String, String> environment =
                Map.of("JAVA_HOME", java ? System.getProperty("java.home") : "", "PATH", "/usr/bin:/bin");
        String[] words = more.isEmpty() ? new String[0] : new String[] {more};
        try (HarpProcess hook = hook(program, environment, words)) {
            assertThat(hook.exit(), is(more.isEmpty() ? 0 : 2));
            assertThat(hook.answers(), is(empty()));
            assertThat(hook.sayings().size(), is(1));
        }
    }
}
