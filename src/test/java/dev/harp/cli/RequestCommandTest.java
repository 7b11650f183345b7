package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.client.Device;
import dev.harp.client.RelayException;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Decision;
import dev.harp.message.Question;
import dev.harp.message.Question.Format;
import dev.harp.message.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands that ask: what reaches the phone, and what is printed of its answer. */
class RequestCommandTest extends WithPairing {
    @BeforeEach
    void pair() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
    }

    private static Members json(List<String> lines) {
        assertThat(lines.size(), is(1));
        return ReadJson.json(lines.getFirst());
    }

    @Test
    void everyOptionReachesThePhone() throws IOException, InterruptedException, RelayException {
        Path diff = Files.writeString(folder.resolve("change.diff"), "-a\n+b\n");
        try (HarpThread asking = harp(request(
                "--description",
                "To production",
                "--severity",
                "high",
                "--param",
                "env=prod",
                "--param",
                "empty=",
                "--details",
                diff.toString(),
                "--reasoning",
                "The tests pass.",
                "--agent",
                "bot",
                "--session",
                "s1",
                "--ttl",
                "77"))) {
            asking.requestId();
            Question question = question();
            assertThat(question.action(), is("Deploy"));
            assertThat(question.description().orElse(""), is("To production"));
            assertThat(question.severity(), is(Severity.HIGH));
            assertThat(
                    question.parameters(),
                    contains(new Question.Parameter("env", "prod"), new Question.Parameter("empty", "")));
            assertThat(question.details(), contains(new Question.Detail("change.diff", Format.DIFF, "-a\n+b\n")));
            assertThat(question.reasoning().orElse(""), is("The tests pass."));
            Question.Context context = question.context().orElseThrow();
            assertThat(context.agent().orElse(""), is("bot"));
            assertThat(context.host().orElse(""), is("build-7"));
            assertThat(context.directory().orElse(""), is(System.getProperty("user.dir")));
            assertThat(context.session().orElse(""), is("s1"));
            assertThat(question.expiresAt() - question.issuedAt(), is(77L));
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("approved", "reason: because"));
        }
    }

    /** The answer is on standard output, and everything else is not. */
    @Test
    void jsonIsOneObjectOnStandardOutput() throws InterruptedException, RelayException {
        try (HarpThread asking = harp(request("--json"))) {
            String id = asking.requestId();
            phone.decide(Decision.DENIED);
            assertThat(asking.exit(), is(10));
            Members end = json(asking.answers());
            assertThat(end.text("choice").isEmpty(), is(true));
            assertThat(end.text("outcome").orElse(""), is("denied"));
            assertThat(end.text("request_id").orElse(""), is(id));
            assertThat(end.text("assurance").orElse(""), is("tap"));
            assertThat(end.text("reason").orElse(""), is("because"));
        }
        try (HarpThread asking = harp(request("--json", "--rule", "staging=Any = to staging"))) {
            asking.requestId();
            assertThat(question().choices(), contains(new Question.Choice("staging", "Any = to staging")));
            phone.decide(Answer.of(Decision.APPROVED, 1).withChoice("staging"));
            assertThat(asking.exit(), is(0));
            assertThat(json(asking.answers()).text("choice").orElse(""), is("staging"));
        }
        try (HarpThread asking = harp(request("--json", "--ttl", "1"))) {
            assertThat(asking.exit(), is(11));
            assertThat(json(asking.answers()).text("outcome").orElse(""), is("expired"));
        }
        try (HarpThread informing = harp("inform", "--name", "demo", "--action", "Done", "--json")) {
            assertThat(informing.exit(), is(0));
            assertThat(json(informing.answers()).text("outcome").orElse(""), is("sent"));
        }
    }

    /** The person, or whoever has the phone, writes what would act on the agent's terminal. */
    @Test
    void aReasonCannotActOnTheTerminal() throws InterruptedException, RelayException {
        String reason = "ok\u001b[2K\rapproved\n\u202eevil\u009b31m";
        String visible = "ok\\u{1b}[2K\\u{d}approved\\u{a}\\u{202e}evil\\u{9b}31m";
        try (HarpThread asking = harp(request())) {
            asking.requestId();
            phone.decide(Answer.of(Decision.DENIED, 1).withReason(reason));
            assertThat(asking.exit(), is(10));
            assertThat(asking.answers(), contains("denied", "reason: " + visible));
            asking.said("clock is off");
        }
        try (HarpThread asking = harp(request("--json"))) {
            asking.requestId();
            phone.decide(Answer.of(Decision.DENIED, 1).withReason(reason));
            assertThat(asking.exit(), is(10));
            String line = asking.answer();
            assertThat(line.codePoints().anyMatch(point -> point < 32 || point > 126), is(false));
            assertThat(json(List.of(line)).text("reason").orElse(""), is(reason));
        }
    }

    @Test
    void aFormComesBackFilledIn() throws IOException, InterruptedException, RelayException {
        Path schema = Files.writeString(folder.resolve("form.json"), """
            {"fields": [{"name": "size", "type": "number", "label": "How many?", "required": true},
              {"name": "where", "type": "several", "options": [{"value": "eu", "label": "Europe"}, {"value": "us"}]}]}
            """);
        try (HarpThread asking = harp(
                "collect", "--name", "demo", "--action", "Order", "--schema", "" + schema, "--field", "why=Why?")) {
            asking.requestId();
            phone.decide(Answer.of(Decision.ANSWERED, 1)
                    .withValues(List.of(
                            new One("size", "3"),
                            new Several("where", List.of("eu", "us")),
                            new One("why", "so\u0007"))));
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("answered", "size=3", "where=eu,us", "why=so\\u{7}"));
        }
        for (String[] wrong : new String[][] {
            {}, {"--schema", folder.resolve("missing").toString()}, {"--field", "=x"}, {"--field", "Name=x"}
        }) {
            String[] words = new String[wrong.length + 5];
            System.arraycopy(new String[] {"collect", "--name", "demo", "--action", "x"}, 0, words, 0, 5);
            System.arraycopy(wrong, 0, words, 5, wrong.length);
            assertThat(harp(words).exit(), is(2));
        }
        assertThat(phone.questions(), is(empty()));
    }

    @Test
    void informationIsSeenAndNobodyWaits() throws InterruptedException, RelayException {
        try (HarpThread informing = harp("inform", "--name", "demo", "--action", "Done")) {
            assertThat(informing.exit(), is(0));
            assertThat(informing.answers(), contains("sent"));
        }
        assertThat(phone.decide(Decision.SEEN), is(new Device.Sent()));
        assertThat(Files.exists(home.resolve("requests")) && hasFiles(home.resolve("requests")), is(false));
    }

    private static boolean hasFiles(Path folder) {
        String[] names = folder.toFile().list();
        return names != null && names.length > 0;
    }

    /** Nothing is sent of what is out of its bounds, and the line says what is allowed. */
    @Test
    void wrongOptionsSayWhatIsAllowed() throws InterruptedException, RelayException {
        Map<String[], String> wrong = Map.of(
                new String[] {"--ttl", "0"}, "--ttl: 0 is not 1 to 86400",
                new String[] {"--ttl", "86401"}, "--ttl: 86401 is not 1 to 86400",
                new String[] {"--ttl", "soon"}, "'soon' is not an int",
                new String[] {"--severity", "urgent"}, "'urgent' is none of low, medium, high, critical",
                new String[] {"--assurance", "sure"}, "'sure' is none of tap, biometric, elevated",
                new String[] {"--assurance", "biometric"}, "the device does not offer the assurance",
                new String[] {"--param", "x"}, "'x' is not NAME=VALUE",
                new String[] {"--details", "/nowhere/x"}, "/nowhere/x cannot be read",
                new String[] {"--receipt", "/nowhere/x"}, "/nowhere/x cannot be written",
                new String[] {"--reasoning", "r".repeat(60_000)}, "Not sent: ");
        for (Map.Entry<String[], String> each : wrong.entrySet()) {
            try (HarpThread asking = harp(request(each.getKey()))) {
                assertThat(asking.exit(), is(2));
                asking.said(each.getValue());
            }
        }
        try (HarpThread unknown = harp("request", "--name", "nobody", "--action", "x")) {
            assertThat(unknown.exit(), is(2));
            unknown.said("there is no pairing 'nobody'; there are: demo");
        }
        assertThat(phone.questions(), is(empty()));
    }

    /** The command and its words as a shell would need them; whatever keeps it from running ends in 125. */
    @Test
    void runAsksWithTheExactCommand() throws IOException, InterruptedException, RelayException {
        Path mark = folder.resolve("a b");
        Path receipt = folder.resolve("receipt.json");
        Path file = Files.writeString(folder.resolve("more.txt"), "more");
        try (HarpThread running = harp(
                "run",
                "--name",
                "demo",
                "--receipt",
                receipt.toString(),
                "--details",
                file.toString(),
                "--",
                "sh",
                "-c",
                "touch \"$1\"; exit 7",
                "sh",
                mark.toString())) {
            running.requestId();
            List<Question.Detail> details = question().details();
            assertThat(
                    details.getFirst(),
                    is(new Question.Detail("Command", Format.CODE, "sh -c 'touch \"$1\"; exit 7' sh '" + mark + "'")));
            assertThat(details.getLast().text(), is("more"));
            assertThat(Files.exists(mark), is(false));
            phone.decide(Decision.APPROVED);
            assertThat(running.exit(), is(7));
            assertThat(Files.exists(mark), is(true));
        }
        try (HarpThread verifying = harp("verify", receipt.toString(), "--pairing", "demo")) {
            assertThat(verifying.answers(), hasItem("genuine: approved by tap"));
        }
        Files.delete(mark);
        try (HarpThread running = harp("run", "--name", "demo", "--", "touch", mark.toString())) {
            running.requestId();
            phone.decide(Decision.DENIED);
            assertThat(running.exit(), is(125));
            running.said("not run: denied");
        }
        assertThat(
                harp("run", "--name", "demo", "--ttl", "1", "--", "touch", "" + mark)
                        .exit(),
                is(125));
        assertThat(harp("run", "--name", "nobody", "--", "touch", "" + mark).exit(), is(125));
        assertThat(
                harp("run", "--name", "demo", "--severity", "x", "--", "touch", "" + mark)
                        .exit(),
                is(125));
        assertThat(harp("run", "--name", "demo").exit(), is(125));
        try (HarpThread running = harp("run", "--name", "demo", "--rule=any=All of it", "--", "/no/such/command")) {
            running.requestId();
            phone.decide(Answer.of(Decision.APPROVED, 1).withChoice("any"));
            assertThat(running.exit(), is(125));
            running.said("harp: choice: any");
            running.said("harp: not run:");
        }
        assertThat(Files.exists(mark), is(false));
        assertThat(harp("run", "--help").exit(), is(0));
    }

    @Test
    void aReceiptIsCheckedUnderANamedPairing() throws IOException, InterruptedException, RelayException {
        Path receipt = folder.resolve("receipt.json");
        try (HarpThread asking = harp(request("--receipt", receipt.toString()))) {
            asking.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
        }
        String t;
        try (HarpThread show = harp("show", "--name", "demo")) {
            t = show.answers().getLast().replaceFirst("pairing \\(T\\) *", "");
        }
        try (HarpThread verifying =
                HarpThread.start(folder.resolve("elsewhere"), "verify", "" + receipt, "--pairing", t)) {
            assertThat(verifying.exit(), is(0));
            assertThat(verifying.answers(), hasItem("action: Deploy"));
        }
        pair("other", List.of());
        assertThat(harp("verify", "" + receipt, "--pairing", "other").exit(), is(14));
        assertThat(harp("verify", "" + receipt).exit(), is(2));
        assertThat(
                harp("verify", "" + folder.resolve("missing"), "--pairing", "demo")
                        .exit(),
                is(2));
        try (HarpThread verifying = harp("verify", "" + receipt, "--pairing", "demo", "--json")) {
            assertThat(verifying.exit(), is(0));
            assertThat(json(verifying.answers()).text("decision").orElse(""), is("approved"));
        }
        Files.writeString(receipt, Files.readString(receipt).replace("\"harp_receipt\":1", "\"harp_receipt\":2"));
        try (HarpThread verifying = harp("verify", "" + receipt, "--pairing", "demo")) {
            assertThat(verifying.exit(), is(14));
            verifying.said("not genuine");
            assertThat(verifying.answers(), is(empty()));
        }
    }

    /** A live line on a terminal; without one, no escape sequence anywhere. */
    @Test
    void theLiveLineIsForTerminals() throws InterruptedException, RelayException {
        Terminal.Kind terminal = Terminal.Kind.of("2", Map.of());
        try (HarpThread asking = HarpThread.start(home, terminal, Map.of(), request("--ttl", "100"))) {
            asking.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("approved", "reason: because"));
            assertThat(String.join("\n", asking.sayings()), containsString("\r\u001b[2KSent: "));
        }
        // It is gone before a command writes.
        try (HarpThread running = HarpThread.start(home, terminal, Map.of(), "run", "--name", "demo", "--", "true")) {
            running.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(running.exit(), is(0));
            assertThat(running.sayings().getLast(), endsWith("s left\r\u001b[2K"));
        }
        try (HarpThread asking = harp(request())) {
            asking.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
            assertThat(String.join("\n", asking.sayings()), not(containsString("\u001b")));
        }
    }
}
