package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.arrayContaining;
import static org.hamcrest.Matchers.arrayContainingInAnyOrder;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.client.RelayException;
import dev.harp.message.AskedQuestion;
import dev.harp.message.Assurance;
import dev.harp.message.Checked;
import dev.harp.message.Decision;
import dev.harp.message.Intent;
import dev.harp.message.Question;
import dev.harp.testing.RequestIds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Texts of somebody else's among the arguments: none of them ends in 0 without an approval. */
class HostileArgumentsTest extends WithPairing {
    @BeforeEach
    void pair() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
    }

    /** {@code --help} in a file that the text of an action names would end in 0, and nobody would be asked. */
    @Test
    void aTextThatNamesAFileOfArguments() throws IOException, InterruptedException, RelayException {
        String text = "@" + Files.writeString(folder.resolve("evil"), "x --help");
        try (HarpThread asking = harp("request", "--name", "demo", "--action", text)) {
            asking.requestId();
            assertThat(question().action(), is(text));
            phone.decide(Decision.DENIED);
            assertThat(asking.exit(), is(10));
        }
        try (HarpThread running = harp("run", "--name", "demo", "--", "echo", text)) {
            running.requestId();
            assertThat(question().details().getFirst().text(), is("echo " + text));
            phone.decide(Decision.DENIED);
            assertThat(running.exit(), is(125));
        }
    }

    /** In a POSIX locale each byte of a letter becomes a question mark, which a shell takes for a pattern. */
    @Test
    void aCommandThatWouldRunInOtherBytes() throws InterruptedException, RelayException {
        try (HarpThread running = harp("run", "--name", "demo", "--", "sh", "-c", "rm -r /data/X\ufffd\ufffd")) {
            assertThat(running.exit(), is(125));
            running.said("no UTF-8");
        }
        Failure refused = assertThrows(
                Failure.class, () -> RunCommand.checkText(List.of("rm", "/data/\u00e4"), "ANSI_X3.4-1968"));
        assertThat(refused.exitCode(), is(125));
        RunCommand.checkText(List.of("rm", "/data/\u00e4"), "UTF-8");
        RunCommand.checkText(List.of("rm", "/data/a"), "ANSI_X3.4-1968");
        assertThat(phone.questions(), is(empty()));
    }

    /** Without {@code --}, an option after the command's name is the command's. */
    @Test
    void aCommandKeepsItsOptions() throws InterruptedException, RelayException {
        try (HarpThread running = harp("run", "--name", "demo", "deploy", "--help", "--name", "x")) {
            running.requestId();
            assertThat(question().details().getFirst().text(), is("deploy --help --name x"));
            phone.decide(Decision.DENIED);
            assertThat(running.exit(), is(125));
        }
    }

    /** {@code verify receipt && deploy}: of a denial, and of another request. */
    @Test
    void aReceiptThatIsNoApprovalOfThisRequest() throws InterruptedException, RelayException {
        String denied = folder.resolve("denied.json").toString();
        String id;
        try (HarpThread asking = harp(request("--receipt", denied))) {
            id = asking.requestId();
            phone.decide(Decision.DENIED);
            assertThat(asking.exit(), is(10));
        }
        assertThat(harp("verify", denied, "--pairing", "demo").exit(), is(10));
        assertThat(
                harp("verify", denied, "--pairing", "demo", "--json", "--request-id", id)
                        .exit(),
                is(10));
        String approved = folder.resolve("approved.json").toString();
        try (HarpThread asking = harp(request("--receipt", approved))) {
            asking.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
        }
        assertThat(harp("verify", approved, "--pairing", "demo").exit(), is(0));
        try (HarpThread verifying = harp("verify", approved, "--pairing", "demo", "--request-id", id)) {
            assertThat(verifying.exit(), is(14));
            verifying.said("that of another request");
        }
    }

    /** {@code wait $ID}, with an empty variable. */
    @Test
    void noRequestIsNoApproval() throws InterruptedException {
        assertThat(harp("wait").exit(), is(2));
        assertThat(harp("wait", "").exit(), is(2));
        assertThat(harp("wait", "--list", "x").exit(), is(2));
        assertThat(harp("wait", "--list").exit(), is(0));
    }

    /** What a killed process has left stays for {@code harp wait} until its time is over, and not for longer. */
    @Test
    void whatHasExpiredIsForgotten() throws InterruptedException, RelayException {
        long now = Instant.now().getEpochSecond();
        String open = left(now, now + 1_000);
        String over = left(now - 1_000, now);
        Path requests = home.resolve("requests");
        try (HarpThread asking = harp(request())) {
            String id = asking.requestId();
            assertThat(requests.toFile().list(), arrayContainingInAnyOrder(open + ".json", id + ".json"));
            phone.decide(Decision.DENIED);
            assertThat(asking.exit(), is(10));
        }
        left(now - 1_000, now);
        try (HarpThread waiting = harp("wait", "--list")) {
            assertThat(waiting.answers(), contains(open + "  demo  Deploy"));
        }
        assertThat(requests.toFile().list(), arrayContaining(open + ".json"));
        assertThat(harp("wait", over).exit(), is(2));
    }

    /** The id of a request that its process has left. */
    private String left(long issuedAt, long expiresAt) {
        String id = RequestIds.at(Instant.ofEpochSecond(issuedAt));
        Question question = Question.builder(Intent.AUTHORIZE, id, issuedAt, expiresAt, "Deploy", Assurance.TAP)
                .build();
        Home files = new Home(home);
        Checked<AskedQuestion> asked = files.pairing("demo").pairing().seal(question, new SecureRandom());
        files.journal("demo").opened(asked.orElseThrow());
        return id;
    }

    /** A rule that the device would not take, or that another one hides, is not sent; at the bounds it is. */
    @Test
    void rulesOutOfTheirBounds() throws InterruptedException, RelayException {
        String longest = "\u00e4".repeat(500);
        for (Map.Entry<List<String>, String> each : Map.of(
                        List.of("always"), "--rule: 'always' is not ID=TEXT",
                        List.of("Always=x"), "--rule: 'Always' is no id, which is 1 to 64 of a-z, 0-9 and _",
                        List.of("=x"), "--rule: '' is no id",
                        List.of("a".repeat(65) + "=x"), "aaa' is no id",
                        List.of("\u001b[2K=x"), "--rule: '\\u{1b}[2K' is no id",
                        List.of("a="), "--rule: the text of 'a' has 0 bytes, and 1 to 1000 are allowed",
                        List.of("a=" + longest + "b"), "--rule: the text of 'a' has 1001 bytes",
                        List.of("a=x", "b=y", "a=z"), "--rule: the id 'a' is given twice",
                        rules(9, "x"), "--rule: 9 are given, and at most 8 are allowed")
                .entrySet()) {
            try (HarpThread asking = harp(request(words(each.getKey())))) {
                assertThat(asking.exit(), is(2));
                asking.said(each.getValue());
            }
        }
        assertThat(
                harp("inform", "--name", "demo", "--action", "x", "--rule", "a=x")
                        .exit(),
                is(2));
        assertThat(phone.questions(), is(empty()));
        try (HarpThread running = harp("run", "--name", "demo", "--rule", "x")) {
            assertThat(running.exit(), is(125));
        }
        List<String> most = rules(8, longest);
        try (HarpThread asking = harp(request(words(most)))) {
            asking.requestId();
            assertThat(
                    question().choices().stream()
                            .map(choice -> choice.id() + "=" + choice.rule())
                            .toList(),
                    is(most));
            phone.decide(Decision.DENIED);
            assertThat(asking.exit(), is(10));
        }
    }

    private static List<String> rules(int number, String text) {
        return IntStream.range(0, number)
                .mapToObj(i -> "i".repeat(63) + i + "=" + text)
                .toList();
    }

    private static String[] words(List<String> rules) {
        return rules.stream().flatMap(rule -> Stream.of("--rule", rule)).toArray(String[]::new);
    }

    /** An approval from before is no answer to a request that nobody has answered. */
    @Test
    void anEarlierReceiptDoesNotStay() throws IOException, InterruptedException, RelayException {
        Path receipt = folder.resolve("receipt.json");
        try (HarpThread asking = harp(request("--receipt", receipt.toString()))) {
            asking.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(receipt)), is("rw-------"));
        assertThat(harp(request("--receipt", receipt.toString(), "--ttl", "1")).exit(), is(11));
        assertThat(Files.exists(receipt), is(false));
        assertThat(harp(request("--receipt", folder.toString())).exit(), is(2));
        assertThat(harp(request("--receipt", "/dev/null")).exit(), is(2));
        assertThat(Files.exists(Path.of("/dev/null")), is(true));
    }
}
