package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.client.Joining.Confirmation;
import dev.harp.client.RelayException;
import dev.harp.message.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code harp pair} and what it leaves: {@code list}, {@code show}, {@code revoke}. */
class PairCommandTest extends WithPairing {
    private HarpThread pairing(String... more) {
        String[] words = new String[more.length + 5];
        System.arraycopy(new String[] {"pair", "--name", "demo", "--relay", relay().address()}, 0, words, 0, 5);
        System.arraycopy(more, 0, words, 5, more.length);
        return harp(words);
    }

    private String shown(String label) throws InterruptedException {
        try (HarpThread show = harp("show", "--name", "demo")) {
            return show.answers().stream()
                    .filter(line -> line.startsWith(label + " "))
                    .map(line -> line.substring(label.length()).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    /** The digits are one line of standard input; blanks in them do not count, and nothing else is printed. */
    @Test
    void withoutATerminalTheLinkIsTheWholeAnswer() throws IOException, InterruptedException, RelayException {
        try (HarpThread pairing = pairing()) {
            pairing.said("is this machine; no phone reaches it there");
            pairing.said("good for 5 minutes and for one phone");
            String link = pairing.answer();
            assertThat(link, startsWith(relay().address() + "/app/#"));
            TestPhone.Greeting greeting = phone.join(link, List.of());
            pairing.said("A phone has joined; it calls itself 'Test phone'.");
            pairing.said("If it shows none, somebody else has joined");
            String digits = greeting.digits();
            pairing.type(" " + digits.substring(0, 3) + "  " + digits.substring(3) + " ");
            pairing.said("Now confirm on the phone.");
            assertThat(greeting.confirm(), is(Confirmation.PAIRED));
            assertThat(pairing.exit(), is(0));
            pairing.said("Paired as 'demo'.");
            assertThat(pairing.answers(), hasSize(0));
        }
        Path file = home.resolve("pairings/demo.json");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)), is("rw-------"));
        assertThat(
                PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve("pairings"))),
                is("rwx------"));
        assertThat(shown("digits checked"), is("yes"));
        assertThat(shown("assurance offered"), is("tap"));
    }

    /** Somebody else has joined first: the person's phone shows no digits, and the person types none. */
    @Test
    void theEndOfTheInputRevokes() throws IOException, InterruptedException, RelayException {
        try (HarpThread pairing = pairing()) {
            TestPhone.Greeting greeting = phone.join(pairing.answer(), List.of());
            pairing.said("Type the six digits");
            pairing.typeEnd();
            assertThat(pairing.exit(), is(1));
            pairing.said("no digits; the pairing is revoked");
            assertThat(greeting.confirm(), is(Confirmation.ENDED));
        }
        assertThat(harp("show", "--name", "demo").exit(), is(2));
    }

    @Test
    void threeErrorsRevoke() throws IOException, InterruptedException, RelayException {
        try (HarpThread pairing = pairing()) {
            TestPhone.Greeting greeting = phone.join(pairing.answer(), List.of());
            String wrong = greeting.wrongDigits();
            pairing.type(wrong).type("12 34 5").type(wrong);
            pairing.said("not the phone's digits");
            pairing.said("not the phone's digits");
            pairing.said("three times");
            assertThat(pairing.exit(), is(1));
            assertThat(greeting.confirm(), is(Confirmation.ENDED));
        }
        assertThat(Files.exists(home.resolve("pairings/demo.json")), is(false));
    }

    @Test
    void theDigitsAreLeftOutOnlyIfAskedAndListShowsIt() throws InterruptedException, RelayException {
        try (HarpThread pairing = pairing("--without-check")) {
            TestPhone.Greeting greeting = phone.join(pairing.answer(), List.of());
            pairing.said("left out, as asked");
            assertThat(greeting.confirm(), is(Confirmation.PAIRED));
            assertThat(pairing.exit(), is(0));
        }
        try (HarpThread list = harp("list")) {
            List<String> lines = list.answers();
            assertThat(
                    lines.getFirst().split(" +"), is(new String[] {"NAME", "PAIR_ID", "RELAY", "PAIRED", "CHECKED"}));
            assertThat(lines.get(1), startsWith("demo  pair_"));
            assertThat(lines.get(1), containsString("NO: the digits were left out"));
        }
        assertThat(shown("digits checked"), is("no"));
    }

    /** The old pairing works until the new one is confirmed, and not after that. */
    @Test
    void anExistingNameKeepsItsPairingUntilTheNewOneIsConfirmed()
            throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        String old = shown("pair_id");
        try (HarpThread pairing = pairing()) {
            phone.join(pairing.answer(), List.of());
            pairing.typeEnd();
            assertThat(pairing.exit(), is(1));
        }
        assertThat(shown("pair_id"), is(old));
        try (HarpThread asking = harp(request())) {
            asking.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
        }
        Files.copy(home.resolve("pairings/demo.json"), home.resolve("pairings/old.json"));
        try (HarpThread pairing = pairing()) {
            TestPhone.Greeting greeting = phone.join(pairing.answer(), List.of());
            pairing.type(greeting.digits());
            greeting.confirm();
            assertThat(pairing.exit(), is(0));
            pairing.said("The pairing that had this name is revoked.");
        }
        assertThat(shown("pair_id"), is(not(old)));
        try (HarpThread asking = harp("request", "--name", "old", "--action", "x")) {
            assertThat(asking.exit(), is(12));
            assertThat(asking.answers(), contains("pairing_ended"));
        }
    }

    @Test
    void rotateEndsEveryCopyOfTheFile() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        Files.copy(home.resolve("pairings/demo.json"), home.resolve("pairings/thief.json"));
        assertThat(harp("rotate", "--name", "demo").exit(), is(0));
        try (HarpThread asking = harp(request())) {
            asking.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
        }
        try (HarpThread stolen = harp("request", "--name", "thief", "--action", "x")) {
            assertThat(stolen.exit(), is(12));
        }
        try (HarpThread late = harp("rotate", "--name", "thief")) {
            assertThat(late.exit(), is(not(0)));
            late.said("harp: 'thief' keeps its token: the relay does not know the credential, or has forgotten what was"
                    + " asked for. Another copy of the file may have the token now. Pair again: harp pair --name"
                    + " thief");
        }
        assertThat(harp("rotate", "--name", "nobody").exit(), is(2));
        assertThat(harp("rotate").exit(), is(2));
    }

    @Test
    void revokeEndsOneOrAll() throws IOException, InterruptedException, RelayException {
        pair("one", List.of());
        pair("two", List.of());
        pair("three", List.of());
        Files.copy(home.resolve("pairings/one.json"), folder.resolve("one.json"));
        assertThat(harp("revoke", "--name", "one").exit(), is(0));
        try (HarpThread list = harp("list")) {
            assertThat(list.answers(), hasSize(3));
        }
        Files.copy(folder.resolve("one.json"), home.resolve("pairings/thief.json"));
        try (HarpThread asking = harp("request", "--name", "thief", "--action", "x")) {
            assertThat(asking.exit(), is(12));
        }
        try (HarpThread all = harp("revoke", "--all")) {
            assertThat(all.exit(), is(0));
            assertThat(all.sayings(), hasItem("'two' is revoked."));
        }
        try (HarpThread list = harp("list")) {
            list.said("There is no pairing yet: harp pair --name NAME");
        }
        assertThat(harp("revoke").exit(), is(2));
        assertThat(harp("revoke", "--name", "x", "--all").exit(), is(2));
        assertThat(harp("revoke", "--name", "one").exit(), is(2));
    }

    /** In an emergency, one damaged file and a relay that is not there keep no key. */
    @Test
    void revokeDeletesEveryKeyFirst() throws IOException, InterruptedException, RelayException {
        pair("one", List.of());
        Path pairings = home.resolve("pairings");
        Files.writeString(pairings.resolve("damaged.json"), "{");
        String one = Files.readString(pairings.resolve("one.json"));
        Files.writeString(pairings.resolve("away.json"), one.replace(relay().address(), relay().address() + "/away"));
        Files.writeString(pairings.resolve("one.json.123.new"), one);
        Path requests = Files.createDirectories(home.resolve("requests"));
        Files.writeString(requests.resolve("01900000-0000-7000-8000-000000000001.json"), "{");
        try (HarpThread all = harp("revoke", "--all")) {
            assertThat(all.exit(), is(not(0)));
            List<String> lines = all.sayings();
            assertThat(lines, hasItem("'one' is revoked."));
            assertThat(lines, hasItem("'damaged' is deleted here. Its file was damaged, so its relay cannot be told."));
            assertThat(lines, hasItem(startsWith("'away' is deleted here, and can ask no more.")));
        }
        for (Path each : List.of(pairings, requests)) {
            try (Stream<Path> left = Files.list(each)) {
                assertThat(left.toList(), hasSize(0));
            }
        }
        Files.writeString(pairings.resolve("damaged.json"), "{");
        assertThat(harp("revoke", "--name", "damaged").exit(), is(1));
        assertThat(Files.exists(pairings.resolve("damaged.json")), is(false));
    }

    /** The phone has the pairing then; it must not be left with a platform that nobody has. */
    @Test
    void aPairingThatCannotBeKeptIsRevoked() throws IOException, InterruptedException, RelayException {
        try (HarpThread pairing = pairing()) {
            TestPhone.Greeting greeting = phone.join(pairing.answer(), List.of());
            Files.createDirectories(home.resolve("pairings/demo.json/in the way"));
            pairing.type(greeting.digits());
            pairing.said("confirm on the phone");
            assertThat(greeting.confirm(), is(Confirmation.PAIRED));
            pairing.said("the pairing cannot be kept");
            assertThat(pairing.exit(), is(1));
        }
        assertThat(phone.questions(), hasSize(0));
    }

    @Test
    void aDamagedFileOfThatNameIsToldBeforeAnythingIsOpen() throws IOException, InterruptedException {
        Files.writeString(Files.createDirectories(home.resolve("pairings")).resolve("demo.json"), "{");
        try (HarpThread pairing = pairing()) {
            assertThat(pairing.exit(), is(1));
            pairing.said("is damaged");
            assertThat(pairing.answers(), hasSize(0));
        }
    }

    /** Whatever public address it then names. */
    @Test
    void aRelayInTheClearIsRefused() throws InterruptedException {
        try (HarpThread pairing = harp("pair", "--name", "demo", "--relay", "http://192.0.2.1:8787")) {
            assertThat(pairing.exit(), is(2));
            pairing.said("--insecure-http accepts that");
        }
    }

    /** The page gets the keys, so the person names it, and the link then carries the relay. */
    @Test
    void theAppIsNamedByThePerson() throws InterruptedException, RelayException {
        try (HarpThread pairing = pairing("--app", "https://app.example.org/approve")) {
            String link = pairing.answer();
            assertThat(link, startsWith("https://app.example.org/approve/#"));
            phone.join(link, List.of());
        }
        for (String wrong : List.of("app.example.org", "https://app.example.org/?x", "javascript:alert(1)")) {
            try (HarpThread pairing = pairing("--app", wrong)) {
                assertThat(pairing.exit(), is(2));
                pairing.said("--app: '" + wrong);
            }
        }
    }

    @Test
    void whatIsNoRelayIsRefused() throws InterruptedException {
        for (String wrong : List.of("relay.example.org", "ftp://x", "https://x:443", "https://a b")) {
            try (HarpThread pairing = harp("pair", "--name", "demo", "--relay", wrong)) {
                assertThat(pairing.exit(), is(2));
                pairing.said("allowed is such as https://relay.example.org");
            }
        }
        try (HarpThread named = harp("pair", "--name", "../x", "--relay", relay().address())) {
            assertThat(named.exit(), is(2));
            named.said("A-Z a-z 0-9");
        }
        // HARP_RELAY, when no option names one.
        try (HarpThread pairing = HarpThread.start(
                home, Terminal.Kind.PIPES, Map.of("HARP_RELAY", "nowhere"), "pair", "--name", "demo")) {
            assertThat(pairing.exit(), is(2));
            pairing.said("'nowhere'");
        }
    }

    /** On a terminal: the link, then the code, which so is the last of the screen; and the seconds. */
    @Test
    void aTerminalShowsTheCodeAndACountdown() throws InterruptedException, RelayException {
        Terminal.Kind terminal = Terminal.Kind.of("012", Map.of());
        try (HarpThread pairing =
                HarpThread.start(home, terminal, Map.of(), "pair", "--name", "demo", "--relay", relay().address())) {
            pairing.said("Scan the code below");
            String link = pairing.answer();
            List<String> code = new QrCodeText(link).lines(true);
            for (String line : code) {
                assertThat(pairing.err.take(), is(line));
            }
            phone.join(link, List.of());
            String joined = pairing.said("A phone has joined");
            assertThat(joined, containsString("Waiting for the phone: "));
            assertThat(joined, containsString(" s left"));
            pairing.close();
        }
    }
}
