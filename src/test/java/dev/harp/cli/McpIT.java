package dev.harp.cli;

import static dev.harp.cli.ReadJson.items;
import static dev.harp.cli.ReadJson.json;
import static dev.harp.cli.ReadJson.member;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.client.RelayException;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.json.JsonTree.Whole;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import dev.harp.testing.NpmPackages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./harp mcp} as the official client of the TypeScript SDK runs it, by the configuration of the examples. */
@Tag("long")
class McpIT extends WithPairing {
    @Override
    SteadyRelay start(Path store) throws IOException, InterruptedException {
        return SteadyRelay.ofProduct(store);
    }

    /** The order of what is told of no order: the client has failed. */
    private static final JsonTree FAILED = new JsonTree.Foreign("-1");

    private Path packages = Path.of("");

    @BeforeAll
    void install() throws IOException, InterruptedException {
        packages = NpmPackages.installed("agents");
    }

    /** The official client in a process of its own, and the server that it starts. */
    private final class Agent implements AutoCloseable {
        private final HarpProcess node;
        private final List<Members> told = new ArrayList<>();

        Agent(String... more) throws IOException, InterruptedException, RelayException {
            this(false, more);
        }

        /** @param next whether it is the client that speaks the stateless revision as well */
        Agent(boolean next, String... more) throws IOException, InterruptedException, RelayException {
            pair("demo", List.of());
            Members harp = member(member(json(Files.readString(Path.of("examples/mcp.json"))), "mcpServers"), "harp");
            assertThat(harp.text("command"), is(Optional.of("/opt/harp/harp")));
            List<String> command = new ArrayList<>(List.of(
                    "node",
                    packages.resolve("mcp.js").toString(),
                    Path.of("harp").toAbsolutePath().toString()));
            items(harp, "args").forEach(each -> command.add(((Text) each).value()));
            command.addAll(List.of(more));
            Map<String, String> environment =
                    Map.of("JAVA_HOME", System.getProperty("java.home"), "MCP_CLIENT", next ? "next" : "");
            node = HarpProcess.start(home, environment, command);
        }

        void order(int number, String what) throws IOException {
            node.type("{\"order\":" + number + "," + what + "}");
        }

        void call(int number, String tool, String arguments) throws IOException {
            order(number, "\"call\":\"human_" + tool + "\",\"arguments\":" + arguments);
        }

        /** The next thing that came of this order and has this member. */
        JsonTree next(int order, String name) throws InterruptedException {
            for (int i = 0; ; i++) {
                if (i == told.size()) {
                    told.add(json(node.answer()));
                }
                Members line = told.get(i);
                assertThat("" + line, line.get("order").orElseThrow(), is(not(FAILED)));
                if (line.get("order").orElseThrow().equals(new Whole(order))
                        && line.get(name).isPresent()) {
                    told.remove(i);
                    return line.get(name).orElseThrow();
                }
            }
        }

        Members result(int order) throws InterruptedException {
            return (Members) next(order, "result");
        }

        String outcome(int order) throws InterruptedException {
            return ReadJson.outcome(result(order));
        }

        /** Waits until the client is told that the request is on the phone. */
        void untilDelivered(int order) throws InterruptedException, RelayException {
            phone.question();
            String message = "";
            while (!message.startsWith("On the device")) {
                message = ((Members) next(order, "progress")).text("message").orElseThrow();
            }
        }

        void end() throws IOException, InterruptedException {
            order(1_000, "\"close\":true");
            next(1_000, "closed");
            assertThat(node.exit(), is(0));
        }

        @Override
        public void close() {
            node.close();
        }
    }

    private List<String> journal() {
        String[] names = home.resolve("requests").toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    /** The next client asks for a revision that harp does not know, and goes on with one that both know. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theClientFindsTheToolsAndCallsOne(boolean next) throws IOException, InterruptedException, RelayException {
        try (Agent agent = new Agent(next)) {
            if (next) {
                assertThat(agent.next(0, "era"), is(new Text("legacy")));
            } else {
                assertThat(((Members) agent.next(0, "server")).text("name"), is(Optional.of("harp")));
            }
            agent.order(1, "\"list\":true");
            assertThat(
                    ((Items) agent.next(1, "tools"))
                            .values().stream()
                                    .map(each -> ((Members) each).text("name").orElseThrow())
                                    .toList(),
                    contains("human_authorize", "human_collect", "human_inform", "human_wait"));
            agent.call(2, "authorize", "{\"action\":\"Deploy\",\"parameters\":{\"to\":\"production\"}}");
            assertThat(question().context().orElseThrow().agent(), is(Optional.of("typescript-sdk")));
            agent.untilDelivered(2);
            phone.decide(Decision.APPROVED);
            Members result = agent.result(2);
            assertThat(ReadJson.isError(result), is(false));
            assertThat(ReadJson.outcome(result), is("approved"));
            agent.call(3, "inform", "{\"action\":\"Deployed\"}");
            assertThat(agent.outcome(3), is("sent"));
            agent.call(4, "obey", "{}");
            assertThat(((Text) agent.next(4, "error")).value(), containsString("there is no tool 'human_obey'"));
            agent.end();
        }
    }

    @Test
    void aCallAnswersPendingAndTheNextOneWaits() throws IOException, InterruptedException, RelayException {
        try (Agent agent = new Agent("--max-block", "10")) {
            agent.call(1, "authorize", "{\"action\":\"Deploy\"}");
            Members pending = member(agent.result(1), "structuredContent");
            assertThat(pending.text("outcome"), is(Optional.of("pending")));
            String id = pending.text("request_id").orElseThrow();
            agent.call(2, "wait", "{\"request_id\":\"" + id + "\"}");
            phone.decide(Decision.DENIED);
            String outcome = agent.outcome(2);
            for (int order = 3; outcome.equals("pending"); order++) {
                agent.call(order, "wait", "{\"request_id\":\"" + id + "\"}");
                outcome = agent.outcome(order);
            }
            assertThat(outcome, is("denied"));
            agent.end();
        }
    }

    @Test
    void anAbortedCallTakesItsCardFromThePhone() throws IOException, InterruptedException, RelayException {
        try (Agent agent = new Agent()) {
            agent.call(1, "authorize", "{\"action\":\"Deploy\"}");
            agent.untilDelivered(1);
            agent.order(2, "\"abort\":1");
            assertThat(((Text) agent.next(1, "error")).value(), containsString("no longer wanted"));
            untilQuestions(0);
            agent.end();
        }
        assertThat(journal(), is(empty()));
    }

    @Test
    void twoCallsAtOnceAreAnsweredRightly() throws IOException, InterruptedException, RelayException {
        try (Agent agent = new Agent()) {
            agent.call(1, "authorize", "{\"action\":\"First\"}");
            agent.call(2, "authorize", "{\"action\":\"Second\"}");
            untilQuestions(2);
            phone.decide("Second", Answer.of(Decision.APPROVED, 1));
            assertThat(agent.outcome(2), is("approved"));
            phone.decide("First", Answer.of(Decision.DENIED, 1));
            assertThat(agent.outcome(1), is("denied"));
            agent.end();
        }
    }

    @Test
    void theRelayGoesAndComesBack() throws IOException, InterruptedException, RelayException {
        try (Agent agent = new Agent()) {
            agent.call(1, "authorize", "{\"action\":\"Deploy\"}");
            agent.untilDelivered(1);
            relay().kill();
            relay().restart();
            phone.decide(Decision.APPROVED);
            assertThat(agent.outcome(1), is("approved"));
            agent.end();
        }
    }

    @Test
    void aClientThatClosesLeavesNoCard() throws IOException, InterruptedException, RelayException {
        try (Agent agent = new Agent()) {
            agent.call(1, "authorize", "{\"action\":\"Deploy\"}");
            agent.untilDelivered(1);
            agent.end();
        }
        assertThat(phone.questions(), is(empty()));
        assertThat(journal(), is(empty()));
    }

    @Test
    void sigtermWithdrawsWhatACallWaitsFor() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess server = HarpProcess.start(home, Map.of(), "mcp", "--name", "demo")) {
            server.type("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
                    + "{\"name\":\"human_authorize\",\"arguments\":{\"action\":\"Deploy\"}}}");
            phone.question();
            server.terminate();
            assertThat(server.exit(), is(0));
        }
        assertThat(phone.questions(), is(empty()));
        assertThat(journal(), is(empty()));
    }
}
