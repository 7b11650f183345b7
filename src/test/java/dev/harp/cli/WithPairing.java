package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.client.Inbox;
import dev.harp.client.Joining.Confirmation;
import dev.harp.client.RelayException;
import dev.harp.message.Passkey;
import dev.harp.message.Question;
import dev.harp.message.ReceivedQuestion;
import dev.harp.testing.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A test of {@code harp} with a relay and a phone. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WithPairing {
    @TempDir
    Path folder = Path.of("");

    Path home = Path.of("");
    TestPhone phone = new TestPhone("http://localhost");

    private SteadyRelay relay;

    /** Starts the relay of all tests of the class. */
    SteadyRelay start(Path store) throws IOException, InterruptedException {
        return SteadyRelay.ofClasses(store);
    }

    @BeforeAll
    void startRelay(@TempDir Path store) throws IOException, InterruptedException {
        relay = start(store);
    }

    @AfterAll
    void stopRelay() {
        relay.close();
    }

    final SteadyRelay relay() {
        return relay;
    }

    @BeforeEach
    void newPhone() {
        home = folder.resolve("home");
        phone = new TestPhone(relay().address());
    }

    @AfterEach
    void closePhone() {
        phone.close();
    }

    /** {@code harp} on a thread of this JVM. */
    HarpThread harp(String... arguments) {
        return HarpThread.start(home, arguments);
    }

    /** Pairs by a {@code harp} that this starts, with the digits typed once. */
    void pair(String name, List<Passkey> passkeys) throws IOException, InterruptedException, RelayException {
        pair(this::harp, name, relay().address(), passkeys);
    }

    void pair(Function<String[], Conversation> start, String name, String address, List<Passkey> passkeys)
            throws IOException, InterruptedException, RelayException {
        try (Conversation pairing = start.apply(new String[] {"pair", "--name", name, "--relay", address})) {
            TestPhone.Greeting greeting = phone.join(pairing.answer(), passkeys);
            pairing.type(greeting.digits());
            pairing.said("confirm on the phone");
            assertThat(greeting.confirm(), is(Confirmation.PAIRED));
            assertThat(pairing.exit(), is(0));
        }
    }

    /** The one question that the phone can decide, which it has to understand. */
    Question question() throws RelayException, InterruptedException {
        Inbox.Card card = phone.question();
        if (card.question() instanceof ReceivedQuestion.Understood(Question question, var _)) {
            return question;
        }
        throw new AssertionError("not understood: " + card);
    }

    /** Waits until the phone has so many open questions. */
    void untilQuestions(int number) {
        Await.until(number + " questions", () -> {
            try {
                return phone.questions().size() == number;
            } catch (RelayException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** The arguments of a request, with more of them. */
    static String[] request(String... more) {
        String[] words = new String[more.length + 5];
        System.arraycopy(new String[] {"request", "--name", "demo", "--action", "Deploy"}, 0, words, 0, 5);
        System.arraycopy(more, 0, words, 5, more.length);
        return words;
    }
}
