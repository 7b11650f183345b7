package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Where the program reads and writes: answers go to standard output, everything else to standard error. Colour and
 * lines that are written anew appear on a terminal only, and colour not if {@code NO_COLOR} is set.
 */
final class Terminal {
    private static final String ERASE_LINE = "\r\u001b[2K";

    private final PrintStream out;
    private final PrintStream err;
    private final BufferedReader in;
    private final boolean live;
    private final boolean colour;
    private boolean lineOpen;

    Terminal(InputStream in, PrintStream out, PrintStream err, boolean live, boolean colour) {
        this.in = new BufferedReader(new InputStreamReader(in, UTF_8));
        this.out = out;
        this.err = err;
        this.live = live;
        this.colour = colour;
    }

    static Terminal system() {
        // Two streams of the JVM's own encoding would write question marks in a POSIX locale.
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, UTF_8);
        PrintStream err = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.err), true, UTF_8);
        boolean terminal = Optional.ofNullable(System.console())
                .map(java.io.Console::isTerminal)
                .orElse(false);
        String noColor = Optional.ofNullable(System.getenv("NO_COLOR")).orElse("");
        boolean dumb = "dumb".equals(System.getenv("TERM"));
        return new Terminal(System.in, out, err, terminal && !dumb, terminal && !dumb && noColor.isEmpty());
    }

    /** Whether a person sits at it. */
    boolean isInteractive() {
        return live;
    }

    /** A line of the answer. */
    synchronized void answer(String line) {
        endLine();
        out.println(line);
        out.flush();
    }

    /** A line for the person. */
    synchronized void say(String line) {
        endLine();
        err.println(line);
        err.flush();
    }

    /** A line that the next one replaces; on a terminal only. */
    synchronized void status(String line) {
        if (live) {
            err.print(ERASE_LINE + line);
            err.flush();
            lineOpen = true;
        }
    }

    /** Asks for a line; empty at the end of the input. */
    Optional<String> ask(String prompt) {
        synchronized (this) {
            endLine();
            if (live) {
                err.print(prompt);
                err.flush();
            }
        }
        try {
            return Optional.ofNullable(in.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String bold(String text) {
        return colour ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    private void endLine() {
        if (lineOpen) {
            err.print(ERASE_LINE);
            lineOpen = false;
        }
    }
}
