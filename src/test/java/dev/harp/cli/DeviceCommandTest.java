package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.client.RelayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code harp device}: a person who answers from a terminal. */
class DeviceCommandTest extends WithPairing {
    private Path person = Path.of("");

    private HarpThread device(String... arguments) {
        String[] words = new String[arguments.length + 1];
        words[0] = "device";
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return HarpThread.start(person, words);
    }

    @BeforeEach
    void join() throws IOException, InterruptedException {
        person = folder.resolve("person");
        try (HarpThread pairing = harp("pair", "--name", "demo", "--relay", relay().address())) {
            String link = pairing.answer();
            try (HarpThread joining = device("join", "-", "--as", "Ann's terminal")) {
                joining.type(link);
                String digits = joining.answer();
                joining.said("The platform calls itself 'demo' on 'build-7'. Type these digits there:");
                pairing.said("calls itself 'Ann's terminal'");
                pairing.type(digits);
                pairing.said("Now confirm");
                joining.type("y");
                assertThat(joining.exit(), is(0));
            }
            assertThat(pairing.exit(), is(0));
            // The same link once more changes nothing.
            try (HarpThread joining = device("join", link)) {
                assertThat(joining.exit(), is(0));
                joining.said("has joined 'demo' already; nothing is changed");
            }
        }
    }

    /** The request with the digest of its text, as the list names it. */
    private String reference(String id) throws InterruptedException {
        try (HarpThread list = device("list")) {
            return list.answers().stream()
                    .filter(line -> line.startsWith("to decide: " + id))
                    .map(line -> line.substring("to decide: ".length()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The relay chooses what is listed, so what was not shown is not approved, whatever id it has. */
    @Test
    void whatNobodyHasReadIsNotApproved() throws IOException, InterruptedException {
        try (HarpThread harmless = harp(request());
                HarpThread grave = harp(request())) {
            String first = harmless.requestId();
            String other = grave.requestId();
            String digest = reference(first).substring(first.length());
            for (String named : List.of(
                    other, other.substring(0, 8), other + digest, other.substring(0, 8) + digest, other + "@", "@")) {
                try (HarpThread approving = device("approve", named)) {
                    assertThat(named, approving.exit(), is(2));
                }
            }
            try (HarpThread approving =
                    HarpThread.start(person, Terminal.Kind.of("02", Map.of()), Map.of(), "device", "approve", other)) {
                approving.said("---- " + other);
                approving.said("action: Deploy");
                approving.type("");
                approving.said("nothing is sent");
                assertThat(approving.exit(), is(12));
            }
            assertThat(device("deny", other).exit(), is(0));
            assertThat(grave.exit(), is(10));
            assertThat(device("approve", reference(first)).exit(), is(0));
            assertThat(harmless.exit(), is(0));
        }
    }

    /** An agent writes what could pass for a card, or scroll it away. */
    @Test
    void noTextPassesForARowOfTheCard() throws InterruptedException {
        String fake = "---- 0198f3a2-0000-7000-8000-000000000000 of pair_000000000000, which calls itself 'ci'";
        try (HarpThread asking = harp(request(
                "--description",
                "a" + "\n".repeat(500) + fake,
                "--reasoning",
                " ".repeat(70) + fake,
                "--param",
                "x=" + "y".repeat(73) + fake))) {
            String id = asking.requestId();
            try (HarpThread list = device("list")) {
                List<String> lines = list.answers();
                assertThat(lines, hasItem("(499 blank lines)"));
                assertThat(lines, hasItem(startsWith("    ---- 0198f3a2")));
                assertThat(
                        lines.stream().filter(line -> line.startsWith("----")).toList(),
                        contains(startsWith("---- " + id + " of pair_")));
                assertThat(
                        lines.stream()
                                .filter(line -> !line.startsWith("to decide: "))
                                .allMatch(line -> line.length() < 80),
                        is(true));
            }
            assertThat(device("deny", id).exit(), is(0));
            assertThat(asking.exit(), is(10));
        }
    }

    /** With a terminal, the card is shown and its reader asked. */
    @Test
    void aBeginningIsEnoughForWhoeverSeesTheCard() throws IOException, InterruptedException {
        try (HarpThread asking = harp(request())) {
            String id = asking.requestId();
            try (HarpThread approving = HarpThread.start(
                    person, Terminal.Kind.of("012", Map.of()), Map.of(), "device", "approve", id.substring(0, 30))) {
                approving.said("action: Deploy");
                approving.type("y");
                assertThat(approving.exit(), is(0));
            }
            assertThat(asking.exit(), is(0));
        }
    }

    @Test
    void aQuestionIsListedInFullAndApproved() throws InterruptedException {
        try (HarpThread asking = harp(request("--param", "env=prod\u001b[31m", "--description", "a\nb"))) {
            String id = asking.requestId();
            try (HarpThread list = device("list")) {
                List<String> lines = list.answers();
                assertThat(lines.getFirst(), startsWith("joined: "));
                assertThat(lines, hasItem("action: Deploy"));
                assertThat(lines, hasItem("parameter env: prod\\u{1b}[31m"));
                assertThat(lines, hasItem("    b"));
            }
            try (HarpThread approving = device("approve", reference(id), "--reason", "go")) {
                assertThat(approving.exit(), is(0));
                approving.said("Sent: approved.");
            }
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("approved", "reason: go"));
        }
    }

    @Test
    void aQuestionIsDenied() throws InterruptedException {
        try (HarpThread asking = harp(request())) {
            String id = asking.requestId();
            assertThat(device("deny", id, "--reason", "not today").exit(), is(0));
            assertThat(asking.exit(), is(10));
            assertThat(asking.answers(), contains("denied", "reason: not today"));
            assertThat(device("approve", id).exit(), is(2));
        }
    }

    /** A rule is set by whoever names it, and no other than those that were offered. */
    @Test
    void aRuleIsSetWithAnApproval() throws IOException, InterruptedException {
        Path receipt = folder.resolve("receipt.json");
        String staging = "Any deploy\nto staging";
        try (HarpThread asking =
                harp(request("--rule", "deny=Deny", "--rule", "staging=" + staging, "--receipt", receipt.toString()))) {
            String id = asking.requestId();
            try (HarpThread list = device("list")) {
                List<String> lines = list.answers();
                assertThat(lines, hasItem("choice deny: Deny"));
                assertThat(lines, hasItem("choice staging: Any deploy\\u{a}to staging"));
            }
            try (HarpThread approving = device("approve", reference(id), "--choice", "production")) {
                assertThat(approving.exit(), is(2));
                approving.said("--choice: the question offers no rule 'production', but deny, staging");
            }
            try (HarpThread approving = HarpThread.start(
                    person,
                    Terminal.Kind.of("02", Map.of()),
                    Map.of(),
                    "device",
                    "approve",
                    id,
                    "--choice",
                    "staging")) {
                approving.said("choice staging: ");
                approving.type("y");
                assertThat(approving.exit(), is(0));
                approving.said("Send approved, choice staging? ");
            }
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("approved", "choice: staging"));
        }
        try (HarpThread verifying = harp("verify", "" + receipt, "--pairing", "demo")) {
            List<String> lines = verifying.answers();
            assertThat(lines, hasItem("choice: staging"));
            assertThat(lines, hasItem("rule: Any deploy\\u{a}to staging"));
        }
        try (HarpThread verifying = harp("verify", "" + receipt, "--pairing", "demo", "--json")) {
            assertThat(
                    verifying.answer(), containsString("\"choice\":\"staging\",\"rule\":\"Any deploy\\nto staging\"}"));
        }
        try (HarpThread asking = harp(request())) {
            try (HarpThread approving = device("approve", reference(asking.requestId()), "--choice", "staging")) {
                assertThat(approving.exit(), is(2));
                approving.said("--choice: the question offers no rules");
            }
        }
    }

    /** One relay out of reach keeps nobody from the questions at another one. */
    @Test
    void aRelayThatIsAwayBlocksNoOther() throws IOException, InterruptedException {
        Path states = person.resolve("device");
        Path state;
        try (Stream<Path> files = Files.list(states)) {
            state = files.filter(file -> file.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.writeString(
                states.resolve("0.json"),
                Files.readString(state).replace(relay().address(), relay().address() + "/away"));
        try (HarpThread asking = harp(request())) {
            String id = asking.requestId();
            try (HarpThread list = device("list")) {
                assertThat(list.exit(), is(1));
                list.said(relay().address() + "/away: ");
                assertThat(list.answers(), hasItem("action: Deploy"));
            }
            assertThat(device("approve", reference(id)).exit(), is(0));
            assertThat(asking.exit(), is(0));
        }
    }

    @Test
    void aFormIsFilledIn() throws IOException, InterruptedException {
        Path schema = folder.resolve("form.json");
        Files.writeString(schema, """
            {"fields": [{"name": "size", "type": "number", "label": "How many?", "required": true},
              {"name": "where", "type": "select", "label": "Where?", "options": [{"value": "eu", "label": "Europe"}]}]}
            """);
        try (HarpThread asking = harp("collect", "--name", "demo", "--action", "Order", "--schema", "" + schema)) {
            String id = asking.requestId();
            try (HarpThread list = device("list")) {
                assertThat(list.answers(), hasItem("field where (select): Where? [eu]"));
            }
            assertThat(device("answer", reference(id), "--value", "size=many").exit(), is(2));
            assertThat(device("answer", reference(id), "--value", "colour=red").exit(), is(2));
            try (HarpThread answering = device("answer", reference(id), "--stdin", "size", "--value", "where=eu")) {
                answering.type("3");
                assertThat(answering.exit(), is(0));
            }
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("answered", "size=3", "where=eu"));
        }
    }

    /** Questions as they come, and the end of one that was withdrawn. */
    @Test
    void watchFollows() throws InterruptedException {
        try (HarpThread watching = device("watch")) {
            try (HarpThread asking = harp(request())) {
                String id = asking.requestId();
                assertThat(watching.answer(), startsWith("---- " + id + " of pair_"));
                assertThat(watching.answer(), startsWith("  + "));
                assertThat(watching.answer(), containsString("severity medium, asks for tap"));
                assertThat(watching.answer(), is("action: Deploy"));
                assertThat(device("approve", reference(id)).exit(), is(0));
                assertThat(asking.exit(), is(0));
            }
        }
    }

    @Test
    void leavingEndsThePairing() throws InterruptedException, RelayException {
        String pairId;
        try (HarpThread list = device("list")) {
            pairId = list.answer().replaceFirst(".*(pair_[0-9a-f]{12}).*", "$1");
        }
        try (HarpThread asking = harp(request())) {
            asking.requestId();
            assertThat(device("leave", pairId).exit(), is(0));
            assertThat(asking.exit(), is(12));
            assertThat(asking.answers(), contains("pairing_ended"));
        }
        assertThat(device("leave", pairId).exit(), is(2));
    }

    @Test
    void wrongLinksAreRefused() throws InterruptedException {
        for (String link : List.of("x", "https://example.org/app/#AAAA", "harp://pair?v=1")) {
            try (HarpThread joining = device("join", link)) {
                assertThat(joining.exit(), is(2));
                joining.said("LINK: not accepted");
            }
        }
    }
}
