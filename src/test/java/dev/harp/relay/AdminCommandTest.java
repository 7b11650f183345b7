package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.operator.Act;
import dev.harp.relay.operator.AdminCommand;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.testing.FakeServer;
import dev.harp.testing.Ports;
import dev.harp.testing.RelayProcess;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code harp-relay admin}. */
@Timeout(300)
class AdminCommandTest extends AdminRig {
    private static final Act REVOKE = new Act.Revoke(new PairId("pair_0123456789ab"));

    /** What the command prints: its exit status, then standard output and error. */
    private static String run(Act act, String url) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        int status = AdminCommand.run(act, url, out, out);
        return status + " " + printed.toString(StandardCharsets.UTF_8).strip();
    }

    private static String url(TestRelay relay) {
        return "http://127.0.0.1:" + relay.relay().adminPort().orElseThrow();
    }

    @Test
    void whatIsDoneIsTold() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        Pair other = relay.pair(pair.phone());
        relay.submitted(pair);
        assertThat(
                run(new Act.Revoke(new PairId(pair.id())), url(relay)),
                is("0 revoked " + pair.id() + "; open requests cancelled: 1"));
        String device = pair.phone().id();
        assertThat(
                run(new Act.Remove(new DeviceId(device)), url(relay)), is("0 removed " + device + "; its pairings: 2"));
        relay.get("/v1/pairs/" + other.id(), other.platform()).is(410, "pair_revoked");
        assertThat(
                run(new Act.Remove(new DeviceId(device)), url(relay)),
                is("1 harp-relay admin: No device " + device + " is stored."));
    }

    /** As an operator sees it. */
    @Test
    void whoHoldsTheMostIsATable() {
        TestRelay relay = start("NETWORK_SHARE=10", "MAX_STORED_BYTES=33554432");
        assertThat(run(new Act.Holders(), url(relay)), is("""
            0 network               of share         bytes  pairings   devices  waiters

            pairing                      bytes  waiters\
            """.stripIndent()));
        Pair pair = relay.pair();
        relay.submitted(pair);
        String[] lines = run(new Act.Holders(), url(relay)).split("\n", -1);
        assertThat(lines.length, is(5));
        String name = lines[1].substring(0, 18);
        assertThat(
                lines[1], matchesPattern("4-[0-9a-f]{16}         0 %         *\\d{4,5}         1         1        0"));
        assertThat(lines[4], matchesPattern(pair.id() + "             *\\d{4,5}        0"));
        assertThat(
                run(new Act.End("127.0.0.1"), url(relay)),
                is("0 ended what " + name + " has opened; pairings revoked: 1, devices removed: 1"));
        relay.get("/v1/pairs/" + pair.id(), pair.platform()).is(410, "pair_revoked");
        assertThat(
                run(new Act.End("127.0.0.0/8"), url(relay)),
                containsString("1 harp-relay admin: No such network is noted: give an IPv4 address"));
    }

    /** More than one step takes. */
    @Test
    void aLargeNetworkIsEndedStepByStep() {
        TestRelay relay = start();
        for (int i = 0; i < 1_100; i++) {
            relay.session();
        }
        relay.phone();
        assertThat(run(new Act.End("127.0.0.1"), url(relay)), endsWith("pairings revoked: 1100, devices removed: 1"));
    }

    @Test
    void aRelayThatIsNotThereIsNamed() {
        assertThat(
                run(REVOKE, "http://127.0.0.1:" + Ports.free()),
                allOf(containsString("1 harp-relay admin: no answer from http://127.0.0.1:"), containsString("--url")));
        TestRelay relay = start();
        assertThat(
                run(REVOKE, "http://127.0.0.1:" + relay.port()),
                containsString("1 harp-relay admin: Nothing is served at this path."));
        for (String wrong : List.of("127.0.0.1:8788", "https://127.0.0.1:8788", "http://a b", "http://h/ready", "")) {
            assertThat(run(REVOKE, wrong), containsString("2 harp-relay admin: the URL is '" + wrong + "'; allowed: "));
        }
    }

    private static final class Stranger extends FakeServer {
        private final List<String> answers;

        Stranger(List<String> answers) {
            this.answers = answers;
            start();
        }

        @Override
        protected Reply answer(Request request) {
            return new Reply(answers.removeFirst(), End.CLOSE);
        }
    }

    /** Another program listens there. Nothing of its answer reaches the terminal raw. */
    @Test
    void aStrangersAnswerIsNoSuccess() throws Exception {
        List<String> answers = new ArrayList<>(List.of(
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno",
                "HTTP/1.1 500 No\r\nContent-Length: 26\r\n\r\n{\"detail\":\"a\\u001b[2J\\nb\"}",
                "SSH-2.0\r\n"));
        try (Stranger server = new Stranger(answers)) {
            String url = "http://127.0.0.1:" + server.port();
            assertThat(run(REVOKE, url), containsString("1 harp-relay admin: the answer is not one of this"));
            assertThat(run(REVOKE, url), containsString("1 harp-relay admin: answered 200: is http://127"));
            assertThat(run(REVOKE, url), is("1 harp-relay admin: a?[2J?b"));
            assertThat(run(REVOKE, url), containsString("1 harp-relay admin: no answer from http://127"));
        }
    }

    /** With the configuration of the relay in the environment, as in its container. */
    @Test
    void aProcessActsAtAProcess() throws Exception {
        Map<String, String> environment =
                Map.of("HOST", "127.0.0.1", "PORT", "0", "ADMIN_HOST", "0.0.0.0", "ADMIN_PORT", "" + Ports.free());
        try (RelayProcess relay = RelayProcess.ofClasses(environment)) {
            assertThat(relay.port() > 0, is(true));
            assertThat(
                    command(environment, "revoke", "pair_0123456789ab"),
                    is("1 harp-relay admin: No pairing pair_0123456789ab is stored."));
        }
        assertThat(
                command(Map.of("ADMIN_PORT", "0"), "revoke", "pair_0123456789ab"),
                containsString("2 harp-relay: ADMIN_PORT is 0"));
    }

    private static String command(Map<String, String> environment, String... words) throws Exception {
        List<String> all = new ArrayList<>(RelayProcess.SMALL);
        all.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.harp.relay.Main", "admin"));
        all.addAll(List.of(words));
        try (RelayProcess command = new RelayProcess(all, environment)) {
            return command.exit() + " " + String.join("\n", command.output());
        }
    }
}
