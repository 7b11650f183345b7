package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;

import dev.harp.client.RelayException;
import dev.harp.message.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no decision of a person, and what a hook makes of it. */
class HookFailureTest extends WithHook {
    /** No decision is nothing on standard output and 0, so that the agent asks by itself; strict, it is a denial. */
    @Test
    void anythingElseIsNoDecision() throws IOException, InterruptedException {
        try (HarpThread hook = hook("claude", bash("ls"), "--ttl", "3")) {
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
            hook.said("Nobody answered in time");
        }
        try (HarpThread hook = hook("claude", bash("ls"), "--ttl", "3", "--strict")) {
            assertThat(hook.exit(), is(0));
            assertThat(
                    hook.answers(),
                    contains(denied("Nobody decided (expired), and without a decision this is not allowed.")));
        }
        // Too long to be sent whole.
        String giant = bash("x".repeat(60_000));
        try (HarpThread hook = hook("claude", giant)) {
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
            hook.said("nothing is cut");
        }
        try (HarpThread hook = hook("codex", giant, "--strict")) {
            assertThat(hook.exit(), is(0));
            assertThat(
                    hook.answers(),
                    contains(denied("Nobody decided (not_sent), and without a decision this is not allowed.")));
        }
        try (HarpThread hook = hook("claude", bash("ls"), "--assurance", "biometric", "--strict")) {
            assertThat(hook.exit(), is(0));
            assertThat(
                    hook.answers(),
                    contains(denied("Nobody decided (not_sent), and without a decision this is not allowed.")));
        }
        assertThat(waiting(), is(empty()));
    }

    @Test
    void anAnswerThatNobodySealedIsNoDecision() throws IOException, InterruptedException, RelayException {
        try (HarpThread hook = hook("claude", bash("ls"))) {
            hook.requestId();
            phone.forge();
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
            hook.said("is not from the paired device");
        }
    }

    /** A passkey is there, and the answer comes without it. */
    @Test
    void lessAssuranceThanAskedIsNoDecision() throws IOException, InterruptedException, RelayException {
        phone.close();
        phone = new TestPhone(relay().address());
        pair("keyed", TestPhone.passkeys());
        try (HarpThread hook = harp("hook", "claude", "--name", "keyed")) {
            hook.type(bash("ls")).typeEnd();
            hook.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
            hook.said("agreed by tap, and biometric was asked");
        }
        try (HarpThread hook = harp("hook", "claude", "--name", "keyed", "--strict")) {
            hook.type(bash("ls")).typeEnd();
            hook.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(hook.exit(), is(0));
            assertThat(
                    hook.answers(),
                    contains(denied("Nobody decided (less_assurance), and without a decision this is not allowed.")));
        }
    }

    /** The exit code 2 would be taken for a denial. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"a\":1,\"a\":2}",
                "{\"hook_event_name\":\"PermissionRequest\",\"session_id\":\"s\",\"tool_name\":\"Bash\"}",
                "{\"hook_event_name\":\"Stop\",\"session_id\":\"s\",\"tool_name\":\"x\",\"tool_input\":{}}",
                "{\"hook_event_name\":\"PermissionRequest\",\"session_id\":\"s\",\"tool_name\":\"AskUserQuestion\","
                        + "\"tool_input\":{\"questions\":[]}}"
            })
    void anEventThatCannotBeReadIsNoDecision(String event) throws IOException, InterruptedException {
        try (HarpThread hook = hook("claude", event)) {
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
            hook.said("harp: the event");
        }
    }

    @Test
    void aFailureOfItsOwnIsNoDecisionEither() throws IOException, InterruptedException {
        try (HarpThread hook = harp("hook", "claude", "--name", "nobody")) {
            hook.type(bash("ls")).typeEnd();
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
            hook.said("there is no pairing 'nobody'; there are: demo");
        }
        try (HarpThread hook = harp("hook", "claude", "--name", "nobody", "--strict")) {
            hook.type(bash("ls")).typeEnd();
            assertThat(hook.exit(), is(0));
            assertThat(
                    hook.answers(),
                    contains(denied("Nobody decided (harp failed), and without a decision this is not allowed.")));
        }
        for (String wrong : List.of("--ttl=0", "--ttl=soon", "--ring-after=300", "--severity=x", "--no-such-option")) {
            try (HarpThread hook = hook("claude", bash("ls"), wrong)) {
                assertThat(hook.exit(), is(0));
                assertThat(hook.answers(), is(empty()));
            }
            try (HarpThread hook =
                    hook("claude", wrong.equals("--severity=x") ? "no event" : bash("ls"), wrong, "--strict")) {
                assertThat(wrong, hook.exit(), is(2));
                assertThat(hook.answers(), is(empty()));
            }
        }
    }

    /** A hook that was killed leaves nothing behind for ever. */
    @Test
    void whatKilledHooksLeftIsForgotten() throws IOException, InterruptedException {
        Path hooks = Files.createDirectories(home.resolve("hooks"));
        Files.writeString(hooks.resolve("0123-old.json"), "{\"pairing\":\"demo\",\"ends_at\":1}\n");
        Files.writeString(hooks.resolve("0123-damaged.json"), "{");
        Files.writeString(hooks.resolve("0123-open.json"), "{\"pairing\":\"demo\",\"ends_at\":99999999999}\n");
        assertThat(hook("claude", bash("ls"), "--ttl", "3").exit(), is(0));
        assertThat(waiting(), contains("0123-open.json"));
    }

    @Test
    void anAgentThatIsNotKnownIsWrongUsage() throws InterruptedException {
        try (HarpThread unknown = harp("hook", "gemini", "--name", "demo")) {
            assertThat(unknown.exit(), is(2));
            assertThat(unknown.sayings(), hasItem("Try: harp hook --help"));
        }
    }
}
