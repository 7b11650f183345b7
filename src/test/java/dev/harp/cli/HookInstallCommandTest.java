package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.client.RelayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Install and uninstall on files. */
class HookInstallCommandTest extends WithPairing {
    private Path settings = Path.of("");

    @BeforeEach
    void pair() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        settings = folder.resolve("claude/settings.json");
    }

    private HarpThread hook(String... arguments) {
        Map<String, String> variables =
                Map.of("CLAUDE_CONFIG_DIR", folder.resolve("claude").toString());
        return HarpThread.start(home, Terminal.Kind.PIPES, variables, arguments);
    }

    @Test
    void aFileIsChangedAndRestored() throws IOException, InterruptedException {
        Path elsewhere = Files.createDirectories(folder.resolve("dotfiles")).resolve("settings.json");
        String text = "{\n  // mine\n  \"model\": \"opus\",\n}\n";
        Files.writeString(elsewhere, text);
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rw-r-----"));
        Files.createDirectories(folder.resolve("claude"));
        Files.createSymbolicLink(settings, elsewhere);
        try (HarpThread install = hook("hook", "install", "claude", "--name", "demo", "--ring-after", "5")) {
            assertThat(install.exit(), is(0));
            assertThat(String.join("\n", install.answers()), containsString("harp hook claude --name demo --ttl 300"));
        }
        String changed = Files.readString(elsewhere);
        assertThat(changed, containsString("--ring-after 5\",\"timeout\":315"));
        assertThat(Files.isSymbolicLink(settings), is(true));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(elsewhere)), is("rw-r-----"));
        assertThat(Files.readString(elsewhere.resolveSibling("settings.json.before-harp")), is(text));
        try (HarpThread again = hook("hook", "install", "claude", "--name", "demo", "--ring-after", "5")) {
            assertThat(again.exit(), is(0));
            again.said("needs no change");
        }
        assertThat(Files.readString(elsewhere), is(changed));
        assertThat(hook("hook", "uninstall", "claude").exit(), is(0));
        assertThat(Files.readString(elsewhere), is(text));
    }

    @Test
    void aFileThatWasNotThereGoesAgain() throws InterruptedException {
        assertThat(hook("hook", "install", "claude", "--name", "demo").exit(), is(0));
        assertThat(Files.exists(settings), is(true));
        assertThat(hook("hook", "uninstall", "claude").exit(), is(0));
        assertThat(Files.exists(settings), is(false));
    }

    /** Where the agent itself looks: a user's folder may differ from that of the account. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void withoutAFolderOfTheAgentsTheUsersIsTaken() throws InterruptedException {
        Map<String, String> variables = Map.of("HOME", folder.resolve("user").toString());
        for (String command : List.of("hook install claude --name demo", "hook uninstall claude")) {
            try (HarpThread hook = HarpThread.start(home, Terminal.Kind.PIPES, variables, command.split(" "))) {
                assertThat(hook.exit(), is(0));
                hook.said(folder.resolve("user/.claude/settings.json").toString());
            }
        }
    }

    @Test
    void wrongUsageChangesNothing() throws InterruptedException {
        for (String[] wrong : new String[][] {
            {"hook", "install", "claude", "--name", "nobody"},
            {"hook", "install", "codex", "--name", "demo"},
            {"hook", "install", "claude", "--name", "demo", "--ttl", "0"},
            {"hook", "install", "claude", "--name", "demo", "--assurance", "x"},
            {"hook", "install", "claude"}
        }) {
            assertThat(hook(wrong).exit(), is(2));
        }
        assertThat(Files.exists(settings), is(false));
    }
}
