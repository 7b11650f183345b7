package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.client.RelayException;
import dev.harp.message.Decision;
import dev.harp.message.Question;
import dev.harp.message.ReceivedQuestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts of somebody else's among the arguments: none of them ends in 0 without an approval. */
class HostileArgumentsTest extends WithPairing {
    @TempDir
    private static Path store = Path.of("");

    private static SteadyRelay relay;

    @BeforeAll
    static void startRelay() throws IOException, InterruptedException {
        relay = SteadyRelay.ofClasses(store);
    }

    @AfterAll
    static void stopRelay() {
        relay.close();
    }

    @Override
    SteadyRelay relay() {
        return relay;
    }

    @BeforeEach
    void pair() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
    }

    private Question question() throws RelayException, InterruptedException {
        if (phone.question().question() instanceof ReceivedQuestion.Understood(Question question, var _)) {
            return question;
        }
        throw new AssertionError("not understood");
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
}
