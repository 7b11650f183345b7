package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import dev.harp.client.RelayException;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Decision;
import dev.harp.message.Question;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Format;
import dev.harp.message.Question.Parameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hooks: what reaches the phone of an agent's event, and what the agent gets back, to the byte. */
class HookCommandTest extends WithPairing {
    private static final String ALLOW =
            "{\"hookSpecificOutput\":{\"hookEventName\":\"PermissionRequest\",\"decision\":{\"behavior\":\"allow\"}}}";

    @BeforeEach
    void pair() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
    }

    private static String denied(String message) {
        return "{\"hookSpecificOutput\":{\"hookEventName\":\"PermissionRequest\",\"decision\":{\"behavior\":\"deny\","
                + "\"message\":\"" + message + "\"}}}";
    }

    static String event(String name, String tool, String input, String more) {
        return "{\"session_id\":\"s1\",\"transcript_path\":\"/t\",\"cwd\":\"/srv/app\",\"hook_event_name\":\"" + name
                + "\",\"tool_name\":\"" + tool + "\",\"tool_input\":" + input + more + "}";
    }

    private static String bash(String command) {
        return event("PermissionRequest", "Bash", "{\"command\":\"" + command + "\"}", "");
    }

    private HarpThread hook(String agent, String event, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("hook", agent, "--name", "demo"));
        words.addAll(List.of(more));
        HarpThread hook = harp(words.toArray(String[]::new));
        hook.type(event);
        hook.typeEnd();
        return hook;
    }

    private List<String> waiting() throws IOException {
        Path hooks = home.resolve("hooks");
        if (!Files.exists(hooks)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(hooks)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .toList();
        }
    }

    /** All of the input, also what an agent would rather not have seen. */
    @Test
    void aCommandIsShownWhole() throws IOException, InterruptedException, RelayException {
        String input = "{\"command\":\"ls\\n rm -rf /\",\"description\":\"List files\",\"timeout\":5000,"
                + "\"dangerouslyDisableSandbox\":true,\"deep\":{\"a\":[1]}}";
        try (HarpThread hook = hook("claude", event("PermissionRequest", "Bash", input, ",\"agent_type\":\"Plan\""))) {
            hook.requestId();
            Question question = question();
            assertThat(question.action(), is("Bash: read it whole"));
            assertThat(question.details(), contains(new Detail("Command", Format.CODE, "ls\n rm -rf /")));
            assertThat(question.reasoning().orElse(""), is("List files"));
            assertThat(
                    question.parameters(),
                    contains(
                            new Parameter("timeout", "5000"),
                            new Parameter("dangerouslyDisableSandbox", "true"),
                            new Parameter("deep", "{\"a\":[1]}")));
            Question.Context context = question.context().orElseThrow();
            assertThat(context.agent().orElse(""), is("Claude Code (Plan)"));
            assertThat(context.directory().orElse(""), is("/srv/app"));
            assertThat(context.session().orElse(""), is("s1"));
            assertThat(waiting(), hasSize(1));
            assertThat(
                    Files.readString(home.resolve("hooks").resolve(waiting().getFirst()))
                            .contains("rm"),
                    is(false));
            phone.decide(Decision.APPROVED);
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), contains(ALLOW));
            assertThat(waiting(), is(empty()));
        }
    }

    @Test
    void aChangeIsShownAsADiff() throws IOException, InterruptedException, RelayException {
        String input = "{\"file_path\":\"/a.txt\",\"old_string\":\"one\\n"
                + "two\\n"
                + "three\",\"new_string\":\"one\\n"
                + "2\\n"
                + "2.5\\n"
                + "three\",\"replace_all\":false}";
        try (HarpThread hook = hook("claude", event("PermissionRequest", "Edit", input, ""))) {
            hook.requestId();
            Question question = question();
            assertThat(question.action(), is("Edit: /a.txt"));
            assertThat(question.details(), contains(new Detail("Change", Format.DIFF, " one\n-two\n+2\n+2.5\n three")));
            assertThat(
                    question.parameters(),
                    contains(new Parameter("file_path", "/a.txt"), new Parameter("replace_all", "false")));
            phone.decide(Decision.DENIED);
            assertThat(hook.exit(), is(0));
            assertThat(
                    hook.answers(), contains(denied("The person denied this on their device. Their reason: because")));
        }
    }

    /** Whatever the members are named, and however many there are. */
    @Test
    void anInputOfAnyFormIsShown() throws IOException, InterruptedException, RelayException {
        String edits =
                "{\"old_string\":[\"a\"],\"new_string\":\"b\",\"edits\":[{\"old_string\":\"c\",\"new_string\":\"d\","
                        + "\"replace_all\":true}]}";
        try (HarpThread hook = hook("claude", event("PermissionRequest", "mcp__x__y", edits, ""))) {
            hook.requestId();
            Question question = question();
            assertThat(question.action(), is("Use mcp__x__y"));
            assertThat(
                    question.parameters(),
                    contains(
                            new Parameter("old_string", "[\"a\"]"),
                            new Parameter("new_string", "b"),
                            new Parameter(
                                    "edits", "[{\"old_string\":\"c\",\"new_string\":\"d\",\"replace_all\":true}]")));
            phone.decide(Decision.APPROVED);
            assertThat(hook.answers(), contains(ALLOW));
        }
        try (HarpThread hook = hook("claude", event("PermissionRequest", "T", "{\"\":\"x\"}", ""))) {
            hook.requestId();
            assertThat(question().details(), contains(new Detail("Input", Format.CODE, "{\"\":\"x\"}")));
            phone.decide(Decision.APPROVED);
            assertThat(hook.answers(), contains(ALLOW));
        }
    }

    /** No decision is nothing on standard output and 0, so that the agent asks by itself; strict, it is a denial. */
    @Test
    void anythingElseIsNoDecision() throws IOException, InterruptedException {
        try (HarpThread hook = hook("claude", bash("ls"), "--ttl", "1")) {
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
            hook.said("Nobody answered in time");
        }
        try (HarpThread hook = hook("claude", bash("ls"), "--ttl", "1", "--strict")) {
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

    @Test
    void whatThePersonAlwaysAllowsGoesBackAsItCame() throws IOException, InterruptedException, RelayException {
        String first = "{\"type\":\"addRules\",\"rules\":[{\"toolName\":\"Bash\",\"ruleContent\":\"npm test:*\"}],"
                + "\"behavior\":\"allow\",\"destination\":\"localSettings\"}";
        String second = "{\"destination\":\"session\",\"type\":\"setMode\",\"mode\":\"acceptEdits\",\"n\":-1.50}";
        String event = event(
                "PermissionRequest",
                "Bash",
                "{\"command\":\"npm test\"}",
                ",\"permission_suggestions\":[" + first + "," + second + "]");
        for (String choice : List.of("all", "rule_1", "rule_2")) {
            try (HarpThread hook = hook("claude", event)) {
                hook.requestId();
                assertThat(
                        question().choices(),
                        contains(
                                new Question.Choice(
                                        "all", "Always allow Bash(npm test:*), in this project, for you; " + second),
                                new Question.Choice(
                                        "rule_1", "Always allow Bash(npm test:*), in this project, for you"),
                                new Question.Choice("rule_2", second)));
                phone.decide(Answer.of(Decision.APPROVED, 1).withChoice(choice));
                assertThat(hook.exit(), is(0));
                String chosen = choice.equals("all") ? first + "," + second : choice.equals("rule_1") ? first : second;
                assertThat(
                        hook.answers(), contains(ALLOW.replace("}}}", ",\"updatedPermissions\":[" + chosen + "]}}}")));
            }
        }
        // Codex refuses an answer with more than the decision.
        try (HarpThread hook = hook("codex", event)) {
            hook.requestId();
            assertThat(question().choices(), is(empty()));
            phone.decide(Decision.APPROVED);
            assertThat(hook.answers(), contains(ALLOW));
        }
    }

    @Test
    void aQuestionIsAForm() throws IOException, InterruptedException, RelayException {
        String input = "{\"questions\":[{\"question\":\"Which library?\",\"header\":\"Library\",\"multiSelect\":false,"
                + "\"options\":[{\"label\":\"Luxon\",\"description\":\"small\"},"
                + "{\"label\":\"Temporal\",\"description\":\"\"}]},"
                + "{\"question\":\"Where?\",\"header\":\"Place\",\"multiSelect\":true,"
                + "\"options\":[{\"label\":\"EU\",\"description\":\"\"},{\"label\":\"US\",\"description\":\"\"}]}]}";
        try (HarpThread hook = hook("claude", event("PermissionRequest", "AskUserQuestion", input, ""))) {
            hook.requestId();
            Question question = question();
            assertThat(question.action(), is("Answer 2 questions"));
            assertThat(
                    question.fields().getFirst().options(),
                    contains(
                            new Question.Option("0", "Luxon: small"),
                            new Question.Option("1", "Temporal"),
                            new Question.Option("other", "Other, in my own words")));
            phone.decide(Answer.of(Decision.ANSWERED, 1)
                    .withValues(List.of(
                            new One("question_1", "1"),
                            new Several("question_2", List.of("0", "other")),
                            new One("question_2_own", "the moon"))));
            assertThat(hook.exit(), is(0));
            assertThat(
                    hook.answers(),
                    contains(ALLOW.replace(
                            "}}}",
                            ",\"updatedInput\":" + input.substring(0, input.length() - 1)
                                    + ",\"answers\":{\"Which library?\":\"Temporal\",\"Where?\":\"EU, the"
                                    + " moon\"}}}}}")));
        }
    }

    @Test
    void preToolUseAnswersInItsOwnForm() throws IOException, InterruptedException, RelayException {
        String event = event("PreToolUse", "Bash", "{\"command\":\"ls\"}", ",\"tool_use_id\":\"t1\"");
        String form = "{\"hookSpecificOutput\":{\"hookEventName\":\"PreToolUse\",\"permissionDecision\":\"";
        try (HarpThread hook = hook("claude", event)) {
            hook.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(
                    hook.answers(),
                    contains(form
                            + "allow\",\"permissionDecisionReason\":\"The person approved this on their device.\"}}"));
        }
        try (HarpThread hook = hook("claude", event, "--ttl", "1", "--strict")) {
            assertThat(
                    hook.answers(),
                    contains(form + "deny\",\"permissionDecisionReason\":\"Nobody decided (expired), and without a"
                            + " decision this is not allowed.\"}}"));
        }
    }

    /** The person has answered at the terminal: the card goes, and of two equal ones the older. */
    @Test
    void aUsedToolTakesItsCardAway() throws IOException, InterruptedException, RelayException {
        String used = event(
                "PostToolUse",
                "Bash",
                "{\"description\":\"d\",\"command\":\"ls\"}",
                ",\"tool_response\":{\"stdout\":\"\"},\"tool_use_id\":\"t1\"");
        String asked = event("PermissionRequest", "Bash", "{\"command\":\"ls\",\"description\":\"d\"}", "");
        try (HarpThread older = hook("claude", asked)) {
            older.requestId();
            try (HarpThread newer = hook("claude", asked, "--strict")) {
                String kept = newer.requestId();
                assertThat(phone.questions(), hasSize(2));
                for (String other : List.of(
                        used.replace("\"s1\"", "\"s2\""), used.replace("Bash", "Read"), used.replace("ls", "id"))) {
                    assertThat(hook("claude", other).exit(), is(0));
                }
                assertThat(phone.questions(), hasSize(2));
                try (HarpThread after = hook("claude", used)) {
                    assertThat(after.exit(), is(0));
                    assertThat(after.answers(), is(empty()));
                }
                assertThat(older.exit(), is(0));
                assertThat(older.answers(), is(empty()));
                assertThat(phone.question().requestId(), is(kept));
                assertThat(
                        hook("claude", used.replace("PostToolUse", "PostToolUseFailure"))
                                .exit(),
                        is(0));
                assertThat(newer.exit(), is(0));
                assertThat(
                        newer.answers(),
                        contains(denied("Nobody decided (withdrawn), and without a decision this is not allowed.")));
            }
        }
        assertThat(phone.questions(), is(empty()));
        assertThat(waiting(), is(empty()));
        assertThat(hook("claude", used).exit(), is(0));
    }

    /** A hook that was killed leaves nothing behind for ever. */
    @Test
    void whatKilledHooksLeftIsForgotten() throws IOException, InterruptedException {
        Path hooks = Files.createDirectories(home.resolve("hooks"));
        Files.writeString(hooks.resolve("0123-old.json"), "{\"pairing\":\"demo\",\"ends_at\":1}\n");
        Files.writeString(hooks.resolve("0123-damaged.json"), "{");
        Files.writeString(hooks.resolve("0123-open.json"), "{\"pairing\":\"demo\",\"ends_at\":99999999999}\n");
        assertThat(hook("claude", bash("ls"), "--ttl", "1").exit(), is(0));
        assertThat(waiting(), contains("0123-open.json"));
    }

    @Test
    void twoHooksOfOneSessionAreTwoCards() throws IOException, InterruptedException, RelayException {
        try (HarpThread first = hook("claude", bash("one"));
                HarpThread second = hook("claude", bash("two"))) {
            first.requestId();
            second.requestId();
            assertThat(phone.questions(), hasSize(2));
            phone.decide("Bash: two", Answer.of(Decision.APPROVED, 1));
            assertThat(second.answers(), contains(ALLOW));
            phone.decide("Bash: one", Answer.of(Decision.DENIED, 1));
            assertThat(first.answers(), contains(denied("The person denied this on their device.")));
        }
    }

    @Test
    void anAgentThatIsNotKnownIsWrongUsage() throws InterruptedException {
        try (HarpThread unknown = harp("hook", "gemini", "--name", "demo")) {
            assertThat(unknown.exit(), is(2));
            assertThat(unknown.sayings(), hasItem("Try: harp hook --help"));
        }
    }
}
