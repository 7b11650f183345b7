package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The hooks in settings of other people's: what they are, and that every other byte stays. */
class ClaudeSettingsTest {
    private static final String COMMAND = "'/opt/my tools/harp' hook claude --name demo --ttl 300";

    private static String installed(String text) {
        return ClaudeSettings.installed(text, COMMAND, 300, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{ }",
                "{\n}\n",
                "\ufeff{}",
                "{\"model\":\"opus\"}",
                "{\r\n\t\"model\" : \"opus\" ,\r\n\t\"hooks\" : { }\r\n}\r\n",
                "{\"hooks\":{}}",
                "{\"hooks\":{\"PermissionRequest\":[]}}",
                "{\"hooks\":{\"PermissionRequest\":[ ],\"PostToolUse\":[\n]}}",
                "{\"hooks\":{ /* mine */ \"PostToolUse\":[ // first\n {\"matcher\":\"*\",\"hooks\":[]} ] }}",
                """
                // top, with a " and a {
                {
                  "a": "// no comment \\" , ]", /* , */
                  "b": [1, -2.5e3, null,],
                  "hooks": {
                    "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}],
                    "PermissionRequest": [
                      {"matcher": "Bash", "hooks": [{"command": "other hook claude"}]},
                    ],
                  },
                }
                // end\
                """
            })
    void whatIsPutInComesOutToTheByte(String text) {
        String changed = installed(text);
        assertThat(changed, not(is(text)));
        assertThat(installed(changed), is(changed));
        assertThat(ClaudeSettings.uninstalled(changed), is(text));
        assertThat(ClaudeSettings.uninstalled(text), is(text));
        String strict = ClaudeSettings.installed(changed, COMMAND + " --strict", 60, true);
        assertThat(strict, containsString("\"timeout\":75,\"onFailure\":\"block\""));
        assertThat(ClaudeSettings.uninstalled(strict), is(text));
    }

    @Test
    void theHooksAreInTheFormOfTheAgent() {
        String foreign = "{\"matcher\":\"Bash\",\"hooks\":[{\"type\":\"command\",\"command\":\"mine\"}]}";
        String text = installed("{\"hooks\":{\"PermissionRequest\":[" + foreign + "]}}");
        Members hooks =
                members(ExactJson.readAny(text.getBytes(UTF_8)).orElseThrow().get("hooks"));
        String ours = "{\"type\":\"command\",\"command\":\"" + COMMAND + "\",\"timeout\":";
        assertThat(
                HookQuestion.json(hooks.get("PermissionRequest").orElseThrow()),
                is("[{\"matcher\":\"*\",\"hooks\":[" + ours + "315}]}," + foreign + "]"));
        for (String after : new String[] {"PostToolUse", "PostToolUseFailure"}) {
            assertThat(
                    ((Items) hooks.get(after).orElseThrow())
                            .values().stream().map(HookQuestion::json).toList().toString(),
                    is("[{\"matcher\":\"*\",\"hooks\":[" + ours + "45,\"async\":true}]}]"));
        }
    }

    private static Members members(Optional<JsonTree> value) {
        return (Members) value.orElseThrow();
    }

    /** Somebody has written a hook of their own into the entry, or has moved it. */
    @Test
    void hooksThatWereAddedLaterStay() {
        String text =
                "{\"hooks\":{\"PermissionRequest\":[{\"hooks\":[{\"command\":\"a\"},{\"command\":\"harp hook claude"
                        + " --name x\"},{\"command\":\"b\"}]}, {\"hooks\":[{\"command\":\"harp hook claude --name"
                        + " y\"}]}]}}";
        assertThat(
                ClaudeSettings.uninstalled(text),
                is("{\"hooks\":{\"PermissionRequest\":[{\"hooks\":[{\"command\":\"a\"},{\"command\":\"b\"}]} ]}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{} {}",
                "{\"a\":1",
                "{\"a\" 1}",
                "{\"a\":1 \"b\":2}",
                "{'a':1}",
                "{\"a\":\"",
                "{\"a\":\"\\",
                "{/*",
                "{\"a\":1,\"a\":2}",
                "{\"hooks\":[]}",
                "{\"hooks\":{\"PermissionRequest\":{}}}"
            })
    void settingsThatAreNotUnderstoodAreLeftAlone(String text) {
        Failure failure = assertThrows(Failure.class, () -> installed(text));
        assertThat(failure.getMessage(), containsString("left as they are"));
    }

    @Test
    void aDeepTextDoesNotOverflowTheStack() {
        assertThrows(Failure.class, () -> installed("{\"a\":" + "[".repeat(1_000_000)));
    }

    /** What the example shows is what an empty file gets. */
    @Test
    void theExampleIsWhatIsInstalled() throws IOException {
        byte[] example = Files.readAllBytes(Path.of("examples/claude-settings.json"));
        String text = ClaudeSettings.installed("{}", "/opt/harp/harp hook claude --name demo --ttl 300", 300, false);
        assertThat(
                ExactJson.readAny(example).orElseThrow(),
                is(ExactJson.readAny(text.getBytes(UTF_8)).orElseThrow()));
    }
}
