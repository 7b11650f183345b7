package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import dev.harp.client.Joining.Confirmation;
import dev.harp.client.RelayException;
import dev.harp.message.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What becomes of an open request when {@code harp} is told to end, when it is killed, and when the relay is. */
@Tag("long")
class SignalsIT extends WithPairing {
    @Override
    SteadyRelay start(Path store) throws IOException, InterruptedException {
        return SteadyRelay.ofProduct(store);
    }

    private HarpProcess process(String... arguments) throws IOException {
        return HarpProcess.start(home, Map.of(), arguments);
    }

    private List<String> journal() {
        String[] names = home.resolve("requests").toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    @Test
    void ctrlCWithdraws() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess asking = process(request("--json"))) {
            String id = asking.requestId();
            assertThat(phone.questions(), hasSize(1));
            asking.interrupt();
            assertThat(asking.exit(), is(12));
            assertThat(asking.answers(), contains("{\"outcome\":\"withdrawn\",\"request_id\":\"" + id + "\"}"));
        }
        assertThat(phone.questions(), is(empty()));
        assertThat(journal(), is(empty()));
        try (HarpProcess asking = process(request())) {
            asking.requestId();
            asking.terminate();
            assertThat(asking.exit(), is(12));
            assertThat(asking.answers(), contains("withdrawn"));
        }
        assertThat(phone.questions(), is(empty()));
    }

    /** The relay has the request, and its answer is still under way when Ctrl-C comes. */
    @Test
    void ctrlCWithdrawsWhatTheRelayHasJustTaken() throws IOException, InterruptedException, RelayException {
        try (GatedProxy proxy = new GatedProxy(relay().port())) {
            pairThrough(proxy);
            proxy.hold();
            try (HarpProcess asking = process(request())) {
                proxy.untilHeld();
                asking.interrupt();
                proxy.release();
                assertThat(asking.exit(), is(12));
                assertThat(asking.answers(), contains("withdrawn"));
            }
            assertThat(phone.questions(), is(empty()));
            assertThat(journal(), is(empty()));
        }
    }

    /** Nothing comes of a late answer: nobody reads the request again. */
    @Test
    void ctrlCEndsAlsoIfTheRelayIsSilent() throws IOException, InterruptedException, RelayException {
        try (GatedProxy proxy = new GatedProxy(relay().port())) {
            pairThrough(proxy);
            proxy.hold();
            try (HarpProcess asking = process(request())) {
                proxy.untilHeld();
                asking.interrupt();
                assertThat(asking.exit(), is(13));
                assertThat(asking.answers(), contains("unreachable"));
            }
            assertThat(journal(), is(empty()));
        }
    }

    private void pairThrough(GatedProxy proxy) throws IOException, InterruptedException, RelayException {
        phone.close();
        phone = new TestPhone(proxy.address());
        pair(this::harp, "demo", proxy.address(), List.of());
    }

    @Test
    void ctrlCWhilePairingRevokes() throws IOException, InterruptedException, RelayException {
        try (HarpProcess pairing = process("pair", "--name", "demo", "--relay", relay().address())) {
            TestPhone.Greeting greeting = phone.join(pairing.answer(), List.of());
            pairing.said("Type the six digits");
            pairing.interrupt();
            assertThat(pairing.exit(), is(12));
            pairing.said("The pairing is revoked.");
            assertThat(greeting.confirm(), is(Confirmation.ENDED));
        }
        assertThat(Files.exists(home.resolve("pairings/demo.json")), is(false));
    }

    /** While it asks, the command is not run; while the command runs, that is told to end. */
    @Test
    void sigtermOfRun() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess running = process("run", "--name", "demo", "--", "echo", "ran")) {
            running.requestId();
            running.terminate();
            assertThat(running.exit(), is(125));
            running.said("not run: withdrawn");
            assertThat(running.answers(), is(empty()));
        }
        assertThat(phone.questions(), is(empty()));
        String command = "trap 'echo told; exit 9' TERM; echo runs; while :; do read x || :; done";
        try (HarpProcess running = process("run", "--name", "demo", "--", "sh", "-c", command)) {
            running.requestId();
            phone.decide(Decision.APPROVED);
            assertThat(running.answer(), is("runs"));
            running.terminate();
            running.typeEnd();
            assertThat(running.exit(), is(9));
            assertThat(running.answers(), contains("told"));
        }
    }

    /** SIGKILL of harp: the request stays open, and {@code harp wait} takes it up, once. */
    @Test
    void aKilledHarpFindsItsRequestAgain() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        String id;
        try (HarpProcess asking = process(request())) {
            id = asking.requestId();
            asking.kill();
            assertThat(asking.exit(), is(137));
            assertThat(asking.answers(), is(empty()));
        }
        phone.decide(Decision.APPROVED);
        try (HarpProcess open = process("wait", "--list")) {
            assertThat(open.answers(), contains(id + "  demo  Deploy"));
        }
        try (HarpProcess waiting = process("wait", id)) {
            assertThat(waiting.exit(), is(0));
            assertThat(waiting.answers(), contains("approved", "reason: because"));
        }
        try (HarpProcess waiting = process("wait", id)) {
            assertThat(waiting.exit(), is(2));
            waiting.said("there is no open request '" + id + "'");
        }
        try (HarpProcess open = process("wait", "--list")) {
            open.said("There is no open request.");
        }
    }

    /** SIGKILL of the relay in the middle: harp goes on waiting, and gets the answer once the relay is back. */
    @Test
    void aKilledRelayLosesNothing() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
        try (HarpProcess asking = process(request())) {
            asking.requestId();
            assertThat(phone.questions(), hasSize(1));
            relay().kill();
            relay().restart();
            phone.decide(Decision.APPROVED);
            assertThat(asking.exit(), is(0));
            assertThat(asking.answers(), contains("approved", "reason: because"));
        }
        // Both killed, and the answer given between.
        String id;
        try (HarpProcess asking = process(request())) {
            id = asking.requestId();
            asking.kill();
        }
        phone.decide(Decision.DENIED);
        relay().kill();
        relay().restart();
        try (HarpProcess waiting = process("wait", id)) {
            assertThat(waiting.exit(), is(10));
            assertThat(waiting.answers(), contains("denied", "reason: because"));
        }
    }
}
