package dev.harp.cli;

import static dev.harp.cli.ReadJson.isError;
import static dev.harp.cli.ReadJson.items;
import static dev.harp.cli.ReadJson.json;
import static dev.harp.cli.ReadJson.member;
import static dev.harp.cli.ReadJson.outcome;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.client.RelayException;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Assurance;
import dev.harp.message.Decision;
import dev.harp.message.Intent;
import dev.harp.message.Question;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Format;
import dev.harp.message.Question.Parameter;
import dev.harp.message.Severity;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tools of {@code harp mcp}: what reaches the phone, and what the model is told of its answer. */
class McpCommandTest extends WithPairing {
    /** A tool, its arguments, and what the model is told. */
    private static final List<List<String>> WRONG = List.of(
            List.of("authorize", "{}", "action is missing"),
            List.of("authorize", "{\"action\":7}", "action is 7, which is not a text"),
            List.of("authorize", "{\"action\":\"\"}", "action has 0 bytes, and 1 to 200 are allowed"),
            List.of("authorize", "{\"action\":\"a\",\"ttl\":\"soon\"}", "ttl is \"soon\", which is not a whole number"),
            List.of("authorize", "{\"action\":\"a\",\"ttl\":86401}", "from 1 to 86400"),
            List.of(
                    "authorize",
                    "{\"action\":\"a\",\"severity\":\"huge\"}",
                    "'huge' is none of low, medium, high, critical"),
            List.of(
                    "authorize",
                    "{\"action\":\"a\",\"assurance\":\"none\"}",
                    "'none' is none of tap, biometric, elevated"),
            List.of("authorize", "{\"action\":\"a\",\"assurance\":\"elevated\"}", "does not offer the assurance"),
            List.of("authorize", "{\"action\":\"a\",\"parameters\":[]}", "parameters is [], which is not an object"),
            List.of("authorize", "{\"action\":\"a\",\"details\":[1]}", "an entry of details is 1, which is no object"),
            List.of("authorize", "{\"action\":\"a\",\"details\":[{\"label\":\"x\"}]}", "details: text is missing"),
            List.of(
                    "authorize",
                    "{\"action\":\"a\",\"context\":{\"host\":\"x\"}}",
                    "context.host is no argument; allowed are agent"),
            List.of("authorize", "{\"action\":\"a\",\"choices\":[{\"id\":\"A\",\"rule\":\"x\"}]}", "out of its bounds"),
            List.of(
                    "authorize",
                    "{\"action\":\"a\",\"\\u001b[2J\":1}",
                    "\\u{1b}[2J is no argument; allowed are action, assurance"),
            List.of("authorize", "{\"action\":\"\\ud800\"}", "json_form"),
            List.of("collect", "{\"action\":\"a\"}", "schema is missing"),
            List.of("collect", "{\"action\":\"a\",\"schema\":{\"fields\":[]}}", "schema has no fields"),
            List.of(
                    "collect",
                    "{\"action\":\"a\",\"schema\":{\"fields\":[{\"name\":\"a\",\"type\":\"date\"}]}}",
                    "'date' is none of text"),
            List.of("inform", "{\"action\":\"a\",\"choices\":[]}", "choices is no argument"),
            List.of("wait", "{}", "request_id is missing"),
            List.of("wait", "{\"request_id\":\"../pairings/demo\"}", "there is no open request '../pairings/demo'"));

    @BeforeEach
    void pair() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
    }

    private HarpThread mcp(String maxBlock) {
        return harp("mcp", "--name", "demo", "--max-block", maxBlock);
    }

    private static String call(int id, String tool, String arguments) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"tools/call\",\"params\":{\"name\":\"human_" + tool
                + "\",\"arguments\":" + arguments + ",\"_meta\":{\"progressToken\":" + id + "}}}";
    }

    private static String cancel(int id) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":" + id + "}}";
    }

    /** The result of a call; progress before it is left out. */
    private static Members result(HarpThread server) throws InterruptedException {
        Members message = json(server.answer());
        while (message.text("method").isPresent()) {
            message = json(server.answer());
        }
        return member(message, "result");
    }

    private static String text(Members result) {
        Members content = (Members) items(result, "content").getFirst();
        return content.text("text").orElseThrow();
    }

    @Test
    void everyArgumentReachesThePhone() throws IOException, InterruptedException, RelayException {
        try (HarpThread server = mcp("60")) {
            server.type("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":"
                    + "{\"protocolVersion\":\"2025-11-25\",\"clientInfo\":{\"name\":\"tester\\u001b\"}}}");
            server.answer();
            server.type(call(
                    1,
                    "authorize",
                    "{\"action\":\"Deploy\",\"description\":\"To production\",\"severity\":\"high\","
                            + "\"assurance\":\"tap\",\"reasoning\":\"Asked to\",\"ttl\":60,"
                            + "\"parameters\":{\"env\":\"prod\",\"Flags\":[1,null,{\"a\":-1.5}]},"
                            + "\"details\":[{\"label\":\"Change\",\"format\":\"diff\",\"text\":\"-a\\n+b\\n\"}],"
                            + "\"context\":{\"session\":\"s-1\",\"directory\":\"/srv\"},"
                            + "\"choices\":[{\"id\":\"today\",\"rule\":\"Any deploy today\"}]}"));
            Question question = question();
            assertThat(question.intent(), is(Intent.AUTHORIZE));
            assertThat(question.action(), is("Deploy"));
            assertThat(question.description(), is(Optional.of("To production")));
            assertThat(question.severity(), is(Severity.HIGH));
            assertThat(question.assurance(), is(Assurance.TAP));
            assertThat(question.reasoning(), is(Optional.of("Asked to")));
            assertThat(question.expiresAt() - question.issuedAt(), is(60L));
            assertThat(
                    question.parameters(),
                    is(List.of(new Parameter("env", "prod"), new Parameter("Flags", "[1,null,{\"a\":-1.5}]"))));
            assertThat(question.details(), is(List.of(new Detail("Change", Format.DIFF, "-a\n+b\n"))));
            assertThat(
                    question.context().orElseThrow(),
                    is(new Question.Context(
                            Optional.of("tester\\u{1b}"),
                            Optional.of("build-7"),
                            Optional.of("/srv"),
                            Optional.of("s-1"))));
            phone.decide(Answer.of(Decision.APPROVED, 1).withChoice("today").withReason("go \u001b[2J"));
            Members result = result(server);
            assertThat(isError(result), is(false));
            Members structured = member(result, "structuredContent");
            assertThat(structured.text("outcome"), is(Optional.of("approved")));
            assertThat(structured.text("choice"), is(Optional.of("today")));
            assertThat(structured.text("reason"), is(Optional.of("go \u001b[2J")));
            assertThat(structured.text("request_id"), is(Optional.of(question.requestId())));
            assertThat(text(result), startsWith("approved: "));
            assertThat(text(result), not(containsString("\u001b")));
        }
    }

    @Test
    void aDenialIsAResultAndNoError() throws IOException, InterruptedException, RelayException {
        try (HarpThread server = mcp("60")) {
            server.type(call(1, "authorize", "{\"action\":\"Deploy\"}"));
            phone.decide(Decision.DENIED);
            Members result = result(server);
            assertThat(isError(result), is(false));
            assertThat(outcome(result), is("denied"));
            assertThat(text(result), containsString("because"));
        }
    }

    @Test
    void aFormComesBackFilledIn() throws IOException, InterruptedException, RelayException {
        try (HarpThread server = mcp("60")) {
            server.type(call(
                    1,
                    "collect",
                    "{\"action\":\"Where to?\",\"schema\":{\"fields\":[{\"name\":\"to\",\"type\":\"text\"},"
                            + "{\"name\":\"when\",\"type\":\"several\",\"options\":[{\"value\":\"now\"}]}]}}"));
            phone.decide(Answer.of(Decision.ANSWERED, 1)
                    .withValues(List.of(new One("to", "Prod"), new Several("when", List.of("now")))));
            Members result = result(server);
            assertThat(outcome(result), is("answered"));
            assertThat(
                    new String(ExactJson.writeAny(member(result, "structuredContent")), UTF_8),
                    containsString("[{\"name\":\"to\",\"value\":\"Prod\"},{\"name\":\"when\",\"value\":[\"now\"]}]"));
        }
    }

    @Test
    void informationIsSentAtOnceAndStays() throws IOException, InterruptedException, RelayException {
        try (HarpThread server = mcp("60")) {
            server.type(call(1, "inform", "{\"action\":\"Deployed\"}"));
            assertThat(outcome(result(server)), is("sent"));
            assertThat(question().intent(), is(Intent.INFORM));
            server.typeEnd();
            assertThat(server.exit(), is(0));
        }
        assertThat(question().action(), is("Deployed"));
    }

    /** The answer comes between two calls, and is told whenever the model asks. */
    @Test
    void aPendingRequestIsWaitedForByItsId() throws IOException, InterruptedException, RelayException {
        try (HarpThread server = mcp("5")) {
            server.type(call(1, "authorize", "{\"action\":\"Deploy\"}"));
            Members pending = result(server);
            assertThat(isError(pending), is(false));
            assertThat(outcome(pending), is("pending"));
            String wait = "{\"request_id\":\""
                    + member(pending, "structuredContent").text("request_id").orElseThrow() + "\"}";
            server.type(call(2, "wait", wait));
            assertThat(outcome(result(server)), is("pending"));
            phone.decide(Decision.APPROVED);
            String outcome = "pending";
            for (int id = 3; outcome.equals("pending"); id++) {
                server.type(call(id, "wait", wait));
                outcome = outcome(result(server));
            }
            assertThat(outcome, is("approved"));
            server.type(call(99, "wait", wait));
            assertThat(outcome(result(server)), is("approved"));
        }
    }

    /** A client starts its servers anew when it reconnects, and the model still has the id. */
    @Test
    void aPendingRequestOutlivesItsServer() throws IOException, InterruptedException, RelayException {
        String id;
        try (HarpThread server = mcp("5")) {
            server.type(call(1, "authorize", "{\"action\":\"Deploy\"}"));
            id = member(result(server), "structuredContent").text("request_id").orElseThrow();
            server.typeEnd();
            assertThat(server.exit(), is(0));
        }
        assertThat(phone.questions(), hasSize(1));
        try (HarpThread server = mcp("60")) {
            server.type(call(1, "wait", "{\"request_id\":\"" + id + "\"}"));
            phone.decide(Decision.APPROVED);
            assertThat(outcome(result(server)), is("approved"));
        }
    }

    @Test
    void cancellingACallWithdrawsItsRequestAlone() throws IOException, InterruptedException, RelayException {
        try (HarpThread server = mcp("60")) {
            server.type(call(1, "authorize", "{\"action\":\"First\"}"));
            phone.question();
            server.type(call(2, "authorize", "{\"action\":\"Second\"}"));
            untilQuestions(2);
            server.type(cancel(1));
            untilQuestions(1);
            assertThat(question().action(), is("Second"));
            phone.decide(Decision.APPROVED);
            assertThat(outcome(result(server)), is("approved"));
            server.typeEnd();
            assertThat(server.exit(), is(0));
            assertThat(server.answers(), is(empty()));
        }
        assertThat(phone.questions(), is(empty()));
    }

    @Test
    void aClientThatClosesWithdrawsWhatItsCallsWaitFor() throws IOException, InterruptedException, RelayException {
        try (HarpThread server = mcp("60")) {
            server.type(call(1, "authorize", "{\"action\":\"Deploy\"}"));
            phone.question();
            server.typeEnd();
            assertThat(server.exit(), is(0));
            assertThat(outcome(result(server)), is("withdrawn"));
        }
        assertThat(phone.questions(), is(empty()));
        String[] journal = home.resolve("requests").toFile().list();
        assertThat(journal == null ? List.of() : List.of(journal), is(empty()));
    }

    @Test
    void wrongArgumentsAreToldToTheModel() throws IOException, InterruptedException, RelayException {
        try (HarpThread server = mcp("60")) {
            for (List<String> each : WRONG) {
                server.type(call(1, each.get(0), each.get(1)));
                Members result = result(server);
                assertThat(each.toString(), isError(result), is(true));
                assertThat(text(result), containsString("othing was decided"));
                assertThat(text(result), containsString(each.get(2)));
            }
        }
        assertThat(phone.questions(), is(empty()));
    }

    @Test
    void aRelayOutOfReachIsAnErrorThatSaysThatNothingIsDecided()
            throws IOException, InterruptedException, RelayException {
        relay().kill();
        try (HarpThread server = mcp("5")) {
            server.type(call(1, "authorize", "{\"action\":\"Deploy\"}"));
            Members result = result(server);
            assertThat(isError(result), is(true));
            assertThat(outcome(result), is("unreachable"));
            assertThat(text(result), containsString("nothing was decided, so do not act"));
            relay().restart();
            String outcome = "unreachable";
            for (int id = 2; outcome.equals("unreachable"); id++) {
                server.type(call(id, "inform", "{\"action\":\"Back\"}"));
                outcome = outcome(result(server));
            }
            assertThat(outcome, is("sent"));
        } finally {
            relay().kill();
            relay().restart();
        }
    }

    @Test
    void aRevokedPairingIsAnError() throws IOException, InterruptedException {
        try (HarpThread server = mcp("60")) {
            // It has the pairing once it answers.
            server.type("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}");
            result(server);
            assertThat(harp("revoke", "--name", "demo").exit(), is(0));
            server.type(call(1, "authorize", "{\"action\":\"Deploy\"}"));
            Members result = result(server);
            assertThat(isError(result), is(true));
            assertThat(outcome(result), is("pairing_ended"));
        }
    }

    @Test
    void wrongUsageIsOneLineAndNothingOnTheProtocolsStream() throws InterruptedException {
        try (HarpThread server = harp("mcp", "--name", "other")) {
            assertThat(server.exit(), is(2));
            server.said("there is no pairing 'other'; there are: demo");
            assertThat(server.answers(), is(empty()));
        }
        try (HarpThread server = mcp("0")) {
            assertThat(server.exit(), is(2));
            server.said("--max-block: 0 is not 1 to 3600");
            assertThat(server.answers(), is(empty()));
        }
    }
}
