package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.testing.Ports;
import dev.harp.testing.RelayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both programs as a person uses them: a relay, {@code harp} of an agent, and {@code harp device} of a person. */
class HarpIT {
    private static final Map<String, String> NO_LIMITS =
            Map.of("RATE_LIMIT_CLIENT", "0", "RATE_LIMIT_PAIR", "0", "LOG_LEVEL", "info", "LOG_FORMAT", "text");

    @TempDir
    private static Path shared = Path.of("");

    private static final List<RelayProcess> RELAYS = new ArrayList<>();
    private static final int PORT = Ports.free();
    private static final String ADDRESS = "http://localhost:" + PORT;

    @TempDir
    private Path folder = Path.of("");

    private Path agent = Path.of("");
    private Path phone = Path.of("");

    @BeforeAll
    static void startRelay() throws IOException, InterruptedException {
        Map<String, String> options = new HashMap<>(NO_LIMITS);
        options.put("PORT", "" + PORT);
        options.put("HOST", "127.0.0.1");
        options.put("STORE", "file:" + shared.resolve("store"));
        RelayProcess relay = new RelayProcess(List.of("-jar", System.getProperty("harp.relay.product", "")), options);
        RELAYS.add(relay);
        assertThat(relay.output().toString(), relay.port(), is(PORT));
    }

    /** SIGKILL. */
    @AfterAll
    static void stopRelay() throws InterruptedException {
        RelayProcess relay = RELAYS.removeLast();
        relay.close();
        var _ = relay.exit();
    }

    @BeforeEach
    void homes() {
        agent = folder.resolve("agent");
        phone = folder.resolve("phone");
    }

    private HarpProcess harp(String... arguments) throws IOException {
        return HarpProcess.start(agent, Map.of(), arguments);
    }

    private HarpProcess device(String... arguments) throws IOException {
        String[] words = new String[arguments.length + 1];
        words[0] = "device";
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return HarpProcess.start(phone, Map.of(), words);
    }

    private void pair(String name) throws IOException, InterruptedException {
        try (HarpProcess pairing = harp("pair", "--name", name, "--relay", ADDRESS)) {
            String link = pairing.answer();
            try (HarpProcess joining = device("join", link, "--as", "Test phone")) {
                String digits = joining.answer();
                pairing.said("calls itself 'Test phone'");
                pairing.type("000000".equals(digits.replace(" ", "")) ? "111111" : "000000");
                pairing.said("not the phone's digits");
                pairing.type(digits);
                pairing.said("confirm on the phone");
                joining.type("y");
                assertThat(joining.exit(), is(0));
            }
            assertThat(pairing.exit(), is(0));
        }
    }

    private HarpProcess request(String... more) throws IOException {
        String[] words = new String[more.length + 5];
        System.arraycopy(new String[] {"request", "--name", "demo", "--action", "Deploy"}, 0, words, 0, 5);
        System.arraycopy(more, 0, words, 5, more.length);
        return harp(words);
    }

    /** The id of a request that has been sent. */
    private static String id(HarpProcess asking) throws InterruptedException {
        return asking.said("is sent").replaceFirst("Request (\\S+) is sent.", "$1");
    }

    @Test
    void aWholeApprovalWithItsReceipt() throws IOException, InterruptedException {
        pair("demo");
        Path receipt = folder.resolve("receipt.json");
        try (HarpProcess asking = request("--param", "env=prod", "--receipt", receipt.toString())) {
            String id = id(asking);
            try (HarpProcess list = device("list")) {
                List<String> lines = list.answers();
                assertThat(lines, hasItem("action: Deploy"));
                assertThat(lines, hasItem("parameter env: prod"));
            }
            assertThat(device("approve", id, "--reason", "go").exit(), is(0));
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("approved", "reason: go"));
        }
        try (HarpProcess verifying = harp("verify", receipt.toString(), "--pairing", "demo")) {
            assertThat(verifying.exit(), is(0));
            assertThat(verifying.answer(), is("genuine: approved by tap"));
        }
        Files.writeString(receipt, Files.readString(receipt).replace("\"harp_receipt\":1", "\"harp_receipt\":2"));
        assertThat(harp("verify", receipt.toString(), "--pairing", "demo").exit(), is(14));
        assertThat(
                List.of(Optional.ofNullable(agent.resolve("requests").toFile().list())
                        .orElseThrow()),
                is(empty()));
        assertThat(
                PosixFilePermissions.toString(Files.getPosixFilePermissions(agent.resolve("pairings/demo.json"))),
                is("rw-------"));
    }

    @Test
    void eachEndHasItsExitCode() throws IOException, InterruptedException {
        pair("demo");
        try (HarpProcess denied = request()) {
            assertThat(device("deny", id(denied), "--reason", "not today").exit(), is(0));
            assertThat(denied.exit(), is(10));
            assertThat(denied.answers(), contains("denied", "reason: not today"));
        }
        try (HarpProcess expired = request("--ttl", "1")) {
            assertThat(expired.exit(), is(11));
            assertThat(expired.answers(), contains("expired"));
        }
        try (HarpProcess withdrawn = request()) {
            String id = id(withdrawn);
            withdrawn.terminate();
            assertThat(withdrawn.exit(), is(12));
            assertThat(device("approve", id).exit(), is(2));
        }
        // The device has no passkey, so nothing above tap can be asked.
        assertThat(request("--assurance", "biometric").exit(), is(2));
        assertThat(request("--severity", "urgent").exit(), is(2));
        assertThat(harp("request", "--name", "nobody", "--action", "x").exit(), is(2));
        assertThat(harp("run", "--name", "demo", "--ttl", "1", "--", "true").exit(), is(125));
        try (HarpProcess running = harp("run", "--name", "demo", "--", "sh", "-c", "exit 7")) {
            String id = id(running);
            try (HarpProcess list = device("list")) {
                assertThat(list.answers(), hasItem("Command (code): sh -c 'exit 7'"));
            }
            assertThat(device("approve", id).exit(), is(0));
            assertThat(running.exit(), is(7));
        }
        try (HarpProcess ended = request()) {
            id(ended);
            assertThat(harp("revoke", "--name", "demo").exit(), is(0));
            assertThat(ended.exit(), is(12));
            assertThat(ended.answers(), contains("pairing_ended"));
        }
    }

    @Test
    void aFormIsFilledIn() throws IOException, InterruptedException {
        pair("demo");
        Path schema = folder.resolve("form.json");
        Files.writeString(schema, """
            {"fields": [{"name": "size", "type": "number", "label": "How many?", "required": true},
              {"name": "where", "type": "select", "label": "Where?", "options": [{"value": "eu", "label": "Europe"}]}]}
            """);
        try (HarpProcess asking = harp("collect", "--name", "demo", "--action", "Order", "--schema", "" + schema)) {
            String id = id(asking);
            assertThat(device("answer", id, "--value", "size=many").exit(), is(2));
            assertThat(
                    device("answer", id, "--value", "size=3", "--value", "where=eu")
                            .exit(),
                    is(0));
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("answered", "size=3", "where=eu"));
        }
        try (HarpProcess informing = harp("inform", "--name", "demo", "--action", "Done")) {
            assertThat(informing.exit(), is(0));
            assertThat(informing.answers(), contains("sent"));
        }
    }

    @Test
    void whoeverTypesNoDigitsPairsNothing() throws IOException, InterruptedException {
        try (HarpProcess pairing = harp("pair", "--name", "demo", "--relay", ADDRESS)) {
            String link = pairing.answer();
            try (HarpProcess joining = device("join", link)) {
                joining.answer();
                pairing.said("Type the six digits");
                pairing.typeEnd();
                assertThat(pairing.exit(), is(1));
                joining.type("y");
                assertThat(joining.exit(), is(12));
            }
        }
        assertThat(harp("show", "--name", "demo").exit(), is(2));
    }

    @Test
    void threeWrongCodesRevoke() throws IOException, InterruptedException {
        try (HarpProcess pairing = harp("pair", "--name", "demo", "--relay", ADDRESS)) {
            String link = pairing.answer();
            try (HarpProcess joining = device("join", link)) {
                String digits = joining.answer().replace(" ", "");
                String wrong = digits.equals("123456") ? "654321" : "123456";
                pairing.type(wrong).type(wrong).type(wrong);
                assertThat(pairing.exit(), is(1));
            }
        }
    }

    @Test
    void anAnswerIsFoundAgainAfterBothWereKilled() throws IOException, InterruptedException {
        pair("demo");
        String id;
        try (HarpProcess asking = request()) {
            id = id(asking);
            asking.kill();
            var _ = asking.exit();
        }
        stopRelay();
        // Meanwhile the relay is out of reach.
        try (HarpProcess away =
                HarpProcess.start(agent, Map.of(), "request", "--name", "demo", "--action", "x", "--ttl", "3")) {
            assertThat(away.exit(), is(13));
        }
        startRelay();
        assertThat(device("approve", id).exit(), is(0));
        try (HarpProcess open = harp("wait")) {
            assertThat(open.answers(), hasItem(startsWith(id)));
        }
        try (HarpProcess waiting = harp("wait", id)) {
            assertThat(waiting.exit(), is(0));
            assertThat(waiting.answers(), contains("approved"));
        }
        assertThat(harp("wait", id).exit(), is(2));
    }

    @Test
    void wrongUsageSaysWhatIsAllowed() throws IOException, InterruptedException {
        try (HarpProcess unknown = harp("reqest")) {
            assertThat(unknown.exit(), is(2));
            unknown.said("reqest");
        }
        try (HarpProcess named = harp("pair", "--name", "../x", "--relay", ADDRESS)) {
            assertThat(named.exit(), is(2));
            named.said("A-Z a-z 0-9");
        }
        try (HarpProcess link = device("join", "https://example.org/app/#AAAA")) {
            assertThat(link.exit(), is(2));
            link.said("not accepted");
        }
        try (HarpProcess help = harp("request", "--help")) {
            assertThat(help.exit(), is(0));
            assertThat(String.join("\n", help.answers()), containsString("--assurance"));
        }
    }
}
