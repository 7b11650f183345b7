package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A running {@code harp}: what it writes to either stream, line by line, and what is typed. */
abstract class Conversation implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Marks the end of a stream. */
    static final String END = "\0";

    final BlockingQueue<String> out = new LinkedBlockingQueue<>();
    final BlockingQueue<String> err = new LinkedBlockingQueue<>();

    abstract OutputStream input();

    /** Waits for the end: the exit code. */
    abstract int exit() throws InterruptedException;

    /** Types a line. A program that ends does not read it; its exit code and its output tell why. */
    Conversation type(String line) {
        try {
            input().write((line + "\n").getBytes(UTF_8));
            input().flush();
        } catch (IOException e) {
            // It has ended: a write to it fails, or not, depending on which of the two is first.
        }
        return this;
    }

    /** The end of the input. */
    void typeEnd() {
        try {
            input().close();
        } catch (IOException e) {
            // It has ended, and what was typed before could not be written.
        }
    }

    /** The next line of the answer. */
    String answer() throws InterruptedException {
        String line = next(out);
        if (line.equals(END)) {
            throw new AssertionError("no answer; it said " + err);
        }
        return line;
    }

    /** The rest of the answer, once the program has ended. */
    List<String> answers() throws InterruptedException {
        return rest(out);
    }

    /** The rest of what it says, once the program has ended. */
    List<String> sayings() throws InterruptedException {
        return rest(err);
    }

    private static List<String> rest(BlockingQueue<String> from) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        for (String line = next(from); !line.equals(END); line = next(from)) {
            lines.add(line);
        }
        return lines;
    }

    /** Reads what is said until a line has this text in it. */
    String said(String text) throws InterruptedException {
        List<String> before = new ArrayList<>();
        for (String line = next(err); ; line = next(err)) {
            if (line.equals(END)) {
                throw new AssertionError("not said: " + text + " in " + before);
            }
            if (line.contains(text)) {
                return line;
            }
            before.add(line);
        }
    }

    /** The id of a request, once it has been sent. */
    String requestId() throws InterruptedException {
        return said("is sent").replaceFirst("Request (\\S+) is sent.", "$1");
    }

    private static String next(BlockingQueue<String> lines) throws InterruptedException {
        String line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("no further line");
        }
        return line;
    }

    @Override
    public abstract void close();
}
