package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.client.Joining.Confirmation;
import dev.harp.client.RelayException;
import dev.harp.message.Decision;
import dev.harp.testing.Pages;
import dev.harp.testing.Pages.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The blocks of the pages that use {@code harp}, pasted into one shell in their order, with the built programs. What
 * needs another machine (a proxy, a tunnel, a container) is read by {@code DocumentedOptionsTest} only; the calls of
 * {@code docs/calls.md} are those of {@code DocumentedCallsTest}.
 */
@Tag("long")
class DocumentedStepsIT extends WithPairing {
    @Override
    SteadyRelay start(Path store) throws IOException, InterruptedException {
        return SteadyRelay.ofProduct(store);
    }

    /** A folder with {@code harp}, and a {@code deploy} that says that it has run. */
    private Path copy() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("copy"));
        program(copy.resolve("harp"), "exec '" + Path.of("harp").toAbsolutePath() + "' \"$@\"");
        program(copy.resolve("deploy"), "echo \"deployed $*\"");
        return copy;
    }

    private static void program(Path file, String line) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        assertThat(file.toFile().setExecutable(true), is(true));
    }

    /** A shell that is given all blocks of a page in which each command is one of {@code harp}. */
    private HarpProcess paste(String page) throws IOException {
        List<Block> blocks = Pages.blocks(Path.of(page)).stream()
                .filter(block -> block.kind().equals("sh"))
                .filter(block -> block.commands().stream().allMatch(command -> command.matches("(\\./)?harp .*")))
                .toList();
        assertThat(page, blocks, is(not(List.of())));
        Path copy = copy();
        String script = blocks.stream().map(Block::text).collect(Collectors.joining());
        Map<String, String> environment = new HashMap<>(Map.of(
                "JAVA_HOME", System.getProperty("java.home"),
                "HOME", folder.toString(),
                "HARP_RELAY", relay().address(),
                "PATH", copy + ":" + System.getenv("PATH")));
        return HarpProcess.start(
                home, environment, List.of("bash", "-ec", "cd \"$1\"\n" + script, "paste", copy.toString()));
    }

    /** What a person does on the phone while {@code harp pair} waits. */
    private void pairAndApprove(HarpProcess shell) throws IOException, InterruptedException, RelayException {
        TestPhone.Greeting greeting = phone.join(shell.answer(), List.of());
        shell.type(greeting.digits());
        shell.said("confirm on the phone");
        assertThat(greeting.confirm(), is(Confirmation.PAIRED));
    }

    @Test
    void theFirstUseOfTheReadme() throws IOException, InterruptedException, RelayException {
        try (HarpProcess shell = paste("README.md")) {
            pairAndApprove(shell);
            phone.decide(Decision.APPROVED);
            assertThat(shell.exit(), is(0));
            assertThat(shell.answers(), hasItem("approved"));
        }
    }

    @Test
    void theQuickstart() throws IOException, InterruptedException, RelayException {
        try (HarpProcess shell = paste("docs/quickstart.md")) {
            pairAndApprove(shell);
            assertThat(shell.exit(), is(0));
        }
    }

    /** The page says that a pairing comes first. */
    @Test
    void whatAgentsDo() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess shell = paste("docs/agents.md")) {
            phone.decide(Decision.APPROVED);
            phone.decide(Decision.APPROVED);
            assertThat(shell.exit(), is(0));
            assertThat(shell.answers(), hasItems("approved", "deployed ", "deployed --to production"));
        }
        // Of the two that it has installed, it has taken out the first.
        Path settings = Path.of(".claude", "settings.json");
        assertThat(Files.exists(folder.resolve(settings)), is(false));
        assertThat(Files.readString(folder.resolve("copy").resolve(settings)), containsString("hook claude"));
    }
}
