package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both programs as a person starts them: the relay, {@code ./harp} of an agent, and {@code ./harp device}. */
@Timeout(300)
class HarpIT {
    @TempDir
    private Path folder = Path.of("");

    private static HarpProcess launch(Path home, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("./harp"));
        command.addAll(List.of(arguments));
        return HarpProcess.start(home, Map.of("JAVA_HOME", System.getProperty("java.home")), command);
    }

    @Test
    void theWalkOfTheReadme() throws IOException, InterruptedException {
        Path agent = folder.resolve("agent");
        Path person = folder.resolve("person");
        try (SteadyRelay relay = SteadyRelay.ofProduct(folder.resolve("store"))) {
            try (HarpProcess pairing = launch(agent, "pair", "--name", "demo", "--relay", relay.address());
                    HarpProcess joining = launch(person, "device", "join", pairing.answer())) {
                pairing.said("A phone has joined");
                pairing.type(joining.answer());
                pairing.said("Now confirm");
                joining.type("y");
                assertThat(joining.exit(), is(0));
                assertThat(pairing.exit(), is(0));
            }
            try (HarpProcess asking = launch(agent, "request", "--name", "demo", "--action", "Deploy 2.1")) {
                String id = asking.requestId();
                String reference;
                try (HarpProcess list = launch(person, "device", "list")) {
                    List<String> lines = list.answers();
                    assertThat(lines, hasItem("action: Deploy 2.1"));
                    reference = lines.getLast().replace("to decide: ", "");
                    assertThat(reference, startsWith(id + "@"));
                }
                assertThat(launch(person, "device", "approve", reference).exit(), is(0));
                assertThat(asking.exit(), is(0));
                assertThat(asking.answers(), contains("approved"));
            }
        }
    }

    /** A failure before the program has even begun is no decision. */
    @Test
    void aMissingJavaIs1() throws IOException, InterruptedException {
        String program = HarpProcess.unbuilt(folder).toString();
        List<String> command = List.of("sh", program, "request", "--name", "x");
        Map<String, String> environment = Map.of("JAVA_HOME", "", "PATH", "/usr/bin:/bin");
        try (HarpProcess asking = HarpProcess.start(folder, environment, command)) {
            assertThat(asking.exit(), is(1));
            asking.said("harp needs a JDK 25 or newer");
            assertThat(asking.answers(), is(empty()));
        }
    }

    /** Bash completes commands and options. */
    @Test
    void completionIsOfferedToBash() throws IOException, InterruptedException {
        Path script = folder.resolve("completion");
        try (HarpProcess generating = launch(folder, "generate-completion")) {
            Files.write(script, generating.answers());
            assertThat(generating.exit(), is(0));
        }
        // All commands, though a start reads only the one that it is for.
        for (String command : Harp.COMMANDS.keySet()) {
            assertThat(Files.readString(script), containsString("of the `" + command + "` subcommand"));
        }
        String complete =
                ". " + script + "; COMP_WORDS=(harp requ); COMP_CWORD=1; _complete_harp; echo ${COMPREPLY[@]}";
        try (HarpProcess bash = HarpProcess.start(folder, Map.of(), List.of("bash", "-c", complete))) {
            assertThat(String.join(" ", bash.answers()), containsString("request"));
        }
    }

    @Test
    void helpAndVersion() throws IOException, InterruptedException {
        try (HarpProcess help = launch(folder, "--help")) {
            List<String> lines = help.answers();
            for (String command : Harp.COMMANDS.keySet()) {
                assertThat(lines, hasItem(startsWith("  " + command + " ")));
            }
        }
        try (HarpProcess help = launch(folder, "request", "--help")) {
            assertThat(String.join("\n", help.answers()), containsString("--assurance"));
            assertThat(help.exit(), is(0));
        }
        try (HarpProcess version = launch(folder, "--version")) {
            String jar = Path.of(System.getProperty("harp.relay.product", ""))
                    .getFileName()
                    .toString();
            assertThat(
                    version.answers(),
                    contains(jar.replace("harp-relay-", "harp ").replace(".jar", "")));
        }
    }
}
