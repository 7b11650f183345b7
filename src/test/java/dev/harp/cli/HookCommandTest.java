package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Hooks: what reaches the phone of an agent's event, and what the agent gets back, to the byte. */
class HookCommandTest extends WithHook {
    /** All of the input, also what an agent would rather not have seen. */
    @Test
    void aCommandIsShownWhole() throws IOException, InterruptedException, RelayException {
        String input = "{\"command\":\"ls\\n rm -rf /\",\"description\":\"List files\",\"timeout\":5000,"
                + "\"dangerouslyDisableSandbox\":true,\"deep\":{\"a\":[1]}}";
        try (HarpThread hook = hook("claude", event("PermissionRequest", "Bash", input, ",\"agent_type\":\"Plan\""))) {
            hook.requestId();
            Question question = question();
            assertThat(question.action(), is("Bash: command of 2 lines"));
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
                                new Question.Choice("all", "Bash(npm test:*), in this project, for you; " + second),
                                new Question.Choice("rule_1", "Bash(npm test:*), in this project, for you"),
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
                            new Question.Option("Luxon: small", "Luxon: small"),
                            new Question.Option("Temporal", "Temporal"),
                            new Question.Option("Other, in my own words", "Other, in my own words")));
            phone.decide(Answer.of(Decision.ANSWERED, 1)
                    .withValues(List.of(
                            new One("question_1", "Temporal"),
                            new Several("question_2", List.of("EU", "Other, in my own words")),
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
        try (HarpThread hook = hook("claude", event, "--ttl", "3", "--strict")) {
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

    /** The card comes when the time at the terminal is over, and has what is left of the whole. */
    @Test
    void afterTheTimeAtTheTerminalItAsks() throws IOException, InterruptedException, RelayException {
        List<Duration> pauses = new CopyOnWriteArrayList<>();
        try (HarpThread hook = hook(pauses::add, "claude", bash("ls"), "--ring-after", "20", "--ttl", "120")) {
            hook.said("asks in 20 s");
            hook.requestId();
            assertThat(pauses.getFirst(), is(Duration.ofSeconds(20)));
            Question question = question();
            assertThat(question.expiresAt() - question.issuedAt(), is(100L));
            phone.decide(Decision.APPROVED);
            assertThat(hook.answers(), contains(ALLOW));
        }
    }

    @Test
    void aToolThatIsUsedBeforeItRingsIsNotAskedAbout() throws IOException, InterruptedException, RelayException {
        CountDownLatch atTheTerminal = new CountDownLatch(1);
        try (HarpThread hook = hook(_ -> atTheTerminal.await(), "claude", bash("ls"), "--ring-after", "20")) {
            hook.said("asks in 20 s");
            assertThat(
                    hook("claude", bash("ls").replace("PermissionRequest", "PostToolUse"))
                            .exit(),
                    is(0));
            atTheTerminal.countDown();
            assertThat(hook.exit(), is(0));
            assertThat(hook.answers(), is(empty()));
            hook.said("the agent has gone on");
        }
        assertThat(phone.questions(), is(empty()));
    }

    /** The command of the example, as Codex would start it, and an event with all that Codex tells. */
    @Test
    void theExampleOfCodexAsks() throws IOException, InterruptedException, RelayException {
        Matcher command = Pattern.compile("/opt/harp/harp ([^\"]+)\"")
                .matcher(Files.readString(Path.of("examples/codex-hooks.json")));
        assertThat(command.find(), is(true));
        String event = "{\"session_id\":\"s1\",\"turn_id\":\"t1\",\"agent_id\":\"a1\",\"agent_type\":\"reviewer\","
                + "\"transcript_path\":null,\"cwd\":\"/srv/app\",\"hook_event_name\":\"PermissionRequest\","
                + "\"model\":\"m\",\"permission_mode\":\"default\",\"tool_name\":\"Bash\",\"tool_input\":"
                + "{\"command\":\"curl https://example.com\",\"description\":\"network-access example.com\"}}";
        try (HarpThread hook = harp(command.group(1).split(" "))) {
            hook.type(event).typeEnd();
            hook.requestId();
            Question question = question();
            assertThat(question.action(), is("Bash: curl https://example.com"));
            assertThat(question.reasoning().orElse(""), is("network-access example.com"));
            assertThat(question.context().orElseThrow().agent().orElse(""), is("Codex (reviewer)"));
            phone.decide(Decision.APPROVED);
            assertThat(hook.answers(), contains(ALLOW));
        }
    }
}
