package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.Environment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The program {@code harp} on a thread of this JVM: all of it but the process. */
final class HarpThread extends Conversation {
    private final PipedOutputStream input = new PipedOutputStream();
    private final CompletableFuture<Integer> end = new CompletableFuture<>();
    private final Thread thread;

    private HarpThread(
            Path home,
            Terminal.Kind kind,
            Map<String, String> variables,
            Environment environment,
            String... arguments) {
        Map<String, String> all = new HashMap<>(Map.of("HOSTNAME", "build-7"));
        all.putAll(variables);
        PrintStream answers = new PrintStream(new Lines(out), true, UTF_8);
        PrintStream sayings = new PrintStream(new Lines(err), true, UTF_8);
        try {
            Terminal terminal = new Terminal(new PipedInputStream(input), answers, sayings, kind);
            Context context = new Context(terminal, new Home(home), environment, all);
            thread = Thread.ofVirtual().start(() -> {
                try {
                    end.complete(Harp.run(context, arguments));
                } finally {
                    end.complete(-1);
                    answers.close();
                    sayings.close();
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static HarpThread start(Path home, String... arguments) {
        return start(home, Environment.system().sleeper(), arguments);
    }

    /** With pauses as the test wants them. */
    static HarpThread start(Path home, Environment.Sleeper sleeper, String... arguments) {
        Environment system = Environment.system();
        Environment environment = new Environment(system.clock(), system.nanoTime(), sleeper, system.random());
        return new HarpThread(home, Terminal.Kind.PIPES, Map.of(), environment, arguments);
    }

    static HarpThread start(Path home, Terminal.Kind kind, Map<String, String> variables, String... arguments) {
        return new HarpThread(home, kind, variables, Environment.system(), arguments);
    }

    @Override
    OutputStream input() {
        return input;
    }

    @Override
    int exit() throws InterruptedException {
        try {
            return end.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("it does not end; it said " + err, e);
        }
    }

    /** Interrupts it, and waits until it writes no file any more: its folder may be deleted next. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            if (!thread.join(PATIENCE)) {
                throw new AssertionError("an interrupt does not end it; it said " + err);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Puts each line into the queue, and its end as the end of the stream. */
    private static final class Lines extends OutputStream {
        private final BlockingQueue<String> into;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Lines(BlockingQueue<String> into) {
            this.into = into;
        }

        @Override
        public void write(int unit) {
            if (unit == '\n') {
                into.add(line.toString(UTF_8));
                line.reset();
            } else {
                line.write(unit);
            }
        }

        @Override
        public void close() {
            if (line.size() > 0) {
                into.add(line.toString(UTF_8));
            }
            into.add(END);
        }
    }
}
