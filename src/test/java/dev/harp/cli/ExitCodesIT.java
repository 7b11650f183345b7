package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.client.RelayException;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each exit code of {@code harp}, from the packaged programs and a phone that answers as it should, or does not. */
@Tag("long")
class ExitCodesIT extends WithPairing {
    @Override
    SteadyRelay start(Path store) throws IOException, InterruptedException {
        return SteadyRelay.ofProduct(store);
    }

    /** The phone has a passkey: without being asked for less, a request asks for biometric. */
    @BeforeEach
    void pair() throws IOException, InterruptedException, RelayException {
        pair("demo", TestPhone.passkeys());
    }

    private HarpProcess process(String... arguments) throws IOException {
        return HarpProcess.start(home, Map.of(), arguments);
    }

    private HarpProcess asking(String... more) throws IOException {
        return process(request(more));
    }

    @Test
    void approvedAndAnsweredAre0() throws IOException, InterruptedException, RelayException {
        try (HarpProcess asking = asking("--assurance", "tap")) {
            asking.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("approved", "reason: because"));
        }
        try (HarpProcess asking =
                process("collect", "--name", "demo", "--action", "Name it", "--field", "x=X?", "--assurance", "tap")) {
            asking.requestId();
            phone.decide(Answer.of(Decision.ANSWERED, 1).withValues(List.of(new Answer.One("x", "y"))));
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("answered", "x=y"));
        }
    }

    @Test
    void aFailureIs1() throws IOException, InterruptedException {
        Path damaged = Files.writeString(home.resolve("pairings/damaged.json"), "{");
        try (HarpProcess asking = process("request", "--name", "damaged", "--action", "x")) {
            assertThat(asking.exit(), is(1));
            asking.said(damaged + " is damaged");
        }
        // The folder of open requests is a file: nothing is sent that is not stored.
        Files.deleteIfExists(home.resolve("requests"));
        Files.writeString(home.resolve("requests"), "");
        try (HarpProcess asking = asking()) {
            assertThat(asking.exit(), is(1));
            assertThat(asking.answers(), is(empty()));
        }
    }

    @Test
    void wrongUsageIs2() throws IOException, InterruptedException {
        try (HarpProcess unknown = process("reqest")) {
            assertThat(unknown.exit(), is(2));
            unknown.said("reqest");
            unknown.said("Try: harp --help");
        }
        try (HarpProcess none = process()) {
            assertThat(none.exit(), is(2));
        }
    }

    @Test
    void deniedIs10() throws IOException, InterruptedException, RelayException {
        try (HarpProcess asking = asking()) {
            asking.requestId();
            phone.decide(Decision.DENIED);
            assertThat(asking.exit(), is(10));
            assertThat(asking.answers(), contains("denied", "reason: because"));
        }
    }

    @Test
    void expiredIs11() throws IOException, InterruptedException {
        try (HarpProcess asking = asking("--ttl", "1")) {
            assertThat(asking.exit(), is(11));
            assertThat(asking.answers(), contains("expired"));
            asking.said("That is no denial.");
        }
    }

    @Test
    void theEndOfThePairingIs12() throws IOException, InterruptedException {
        try (HarpProcess asking = asking()) {
            asking.requestId();
            assertThat(harp("revoke", "--name", "demo").exit(), is(0));
            assertThat(asking.exit(), is(12));
            assertThat(asking.answers(), contains("pairing_ended"));
        }
    }

    @Test
    void aRelayOutOfReachIs13() throws IOException, InterruptedException {
        relay().kill();
        try (HarpProcess asking = asking("--ttl", "2")) {
            assertThat(asking.exit(), is(13));
            assertThat(asking.answers(), contains("unreachable"));
            asking.said("cannot be reached");
        } finally {
            relay().restart();
        }
    }

    @Test
    void anAnswerThatNobodyHasSealedIs14() throws IOException, InterruptedException, RelayException {
        try (HarpProcess asking = asking()) {
            asking.requestId();
            phone.forge();
            assertThat(asking.exit(), is(14));
            assertThat(asking.answers(), contains("not_genuine"));
            asking.said("not from the paired device (seal). No decision.");
        }
    }

    @Test
    void anApprovalByLessThanAskedIs15() throws IOException, InterruptedException, RelayException {
        for (List<String> assurance : List.of(List.<String>of(), List.of("--assurance", "elevated"))) {
            try (HarpProcess asking = asking(assurance.toArray(String[]::new))) {
                asking.requestId();
                phone.decide(Decision.APPROVED);
                assertThat(asking.exit(), is(15));
                assertThat(asking.answers(), contains("less_assurance"));
                assertThat(asking.said("That is no approval."), containsString("by tap"));
            }
        }
    }

    @Test
    void runEndsWithTheCodeOfTheCommandOr125() throws IOException, InterruptedException, RelayException {
        for (int code : new int[] {0, 10}) {
            try (HarpProcess running = process(
                    "run", "--name", "demo", "--assurance", "tap", "--", "sh", "-c", "echo ran; exit " + code)) {
                running.requestId();
                phone.decide(Decision.APPROVED);
                assertThat(running.exit(), is(code));
                assertThat(running.answers(), contains("ran"));
            }
        }
        try (HarpProcess running = process("run", "--name", "demo", "--", "echo", "ran")) {
            running.requestId();
            phone.decide(Decision.DENIED);
            assertThat(running.exit(), is(125));
            assertThat(running.answers(), is(empty()));
        }
    }
}
