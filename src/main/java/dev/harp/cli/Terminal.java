package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Where the program reads and writes: answers go to standard output, everything else to standard error. Colour and
 * lines that are written anew appear on a terminal only, and colour not if {@code NO_COLOR} is set.
 */
final class Terminal {
    /** Less is no width to read in, but a terminal that does not know its own. */
    private static final int LEAST_COLUMNS = 20;

    private static final String ERASE_LINE = "\r\u001b[2K";

    private final PrintStream out;
    private final PrintStream err;
    private final InputStream input;
    private final BufferedReader in;
    private final Kind kind;
    private final BlockingQueue<Typed> typed = new LinkedBlockingQueue<>();
    private boolean reading;
    private boolean lineOpen;

    /**
     * What the streams lead to.
     *
     * @param live standard error is a terminal: lines can be written anew, and prompts and the QR code are shown
     * @param asks standard input and standard error are terminals: who answers a question has it before their eyes
     * @param colourOut standard output may be coloured
     * @param colourErr standard error may be coloured
     * @param columns of the terminal; 80 if they are not known
     */
    record Kind(boolean live, boolean asks, boolean colourOut, boolean colourErr, int columns) {
        private static final int USUAL_COLUMNS = 80;

        static final Kind PIPES = new Kind(false, false, false, false, USUAL_COLUMNS);

        /**
         * @param descriptors those of 0, 1 and 2 that are terminals, as the launcher has found them
         * @param variables the environment variables
         */
        static Kind of(String descriptors, Map<String, String> variables) {
            boolean dumb = "dumb".equals(variables.get("TERM"));
            boolean colour = !dumb && variables.getOrDefault("NO_COLOR", "").isEmpty();
            boolean out = descriptors.contains("1");
            boolean err = descriptors.contains("2");
            boolean asks = err && descriptors.contains("0");
            return new Kind(err && !dumb, asks, out && colour, err && colour, columns(variables));
        }

        private static int columns(Map<String, String> variables) {
            String told = variables.getOrDefault("COLUMNS", "");
            int columns = told.matches("[0-9]{2,4}") ? Integer.parseInt(told) : 0;
            return columns < LEAST_COLUMNS ? USUAL_COLUMNS : columns;
        }
    }

    /** What a person has typed, or not. */
    sealed interface Typed {}

    record Line(String text) implements Typed {}

    /** The end of the input. */
    record End() implements Typed {}

    /** Nothing in time. */
    record Nothing() implements Typed {}

    Terminal(InputStream in, PrintStream out, PrintStream err, Kind kind) {
        this.input = in;
        this.in = new BufferedReader(new InputStreamReader(in, UTF_8));
        this.out = out;
        this.err = err;
        this.kind = kind;
    }

    /**
     * The JDK tells neither whether standard error is a terminal nor how wide it is, so the launcher does, by
     * {@code harp.terminal} and {@code harp.columns}.
     */
    static Terminal system(Map<String, String> variables) {
        // Two streams of the JVM's own encoding would write question marks in a POSIX locale.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, UTF_8);
        Map<String, String> known = new HashMap<>(variables);
        Optional.ofNullable(System.getProperty("harp.columns"))
                .filter(columns -> !columns.isEmpty())
                .ifPresent(columns -> known.put("COLUMNS", columns));
        return new Terminal(System.in, out, err, Kind.of(System.getProperty("harp.terminal", ""), known));
    }

    /** Standard input itself, for a protocol: whoever reads it asks nothing of a person. */
    InputStream input() {
        return input;
    }

    /** Standard output itself, for a protocol: whoever writes it answers nothing else. */
    PrintStream output() {
        return out;
    }

    /** Whether a person reads standard error as it is written. */
    boolean isLive() {
        return kind.live();
    }

    /** Whether a person sees what is said, and types. */
    boolean asks() {
        return kind.asks();
    }

    /** Columns of a row. */
    int columns() {
        return kind.columns();
    }

    /** Whether what is said may be coloured. */
    boolean saysInColour() {
        return kind.colourErr();
    }

    /** Whether answers may be coloured. */
    boolean answersInColour() {
        return kind.colourOut();
    }

    /**
     * All of the input up to its end, for a program that asks for nothing.
     *
     * @param most its greatest length in bytes; more is a failure
     */
    byte[] readAll(int most) {
        try {
            byte[] bytes = input.readNBytes(most + 1);
            if (bytes.length > most) {
                throw Failure.usage("standard input has more than " + most + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        if (kind.live()) {
            err.print(ERASE_LINE + line);
            err.flush();
            lineOpen = true;
        }
    }

    /** Asks for a line, which may come within this time. */
    Typed ask(String prompt, Duration patience) throws InterruptedException {
        synchronized (this) {
            endLine();
            if (kind.live() || kind.asks()) {
                err.print(prompt);
                err.flush();
            }
            if (!reading) {
                reading = true;
                // A read from standard input cannot be interrupted, so it has a thread that the program does not wait
                // for.
                Thread.ofPlatform().daemon().name("input").start(this::read);
            }
        }
        Typed next = typed.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        if (next instanceof End end) {
            typed.add(end); // for whoever asks again
        }
        return next == null ? new Nothing() : next;
    }

    /** Whether the answer is yes, within this time. */
    boolean isYes(String prompt, Duration patience) throws InterruptedException {
        return ask(prompt, patience) instanceof Line(String line)
                && line.strip().equalsIgnoreCase("y");
    }

    private void read() {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                typed.add(new Line(line));
            }
        } catch (IOException e) {
            // Input that cannot be read any more has ended.
        } finally {
            typed.add(new End());
        }
    }

    /** For an answer. */
    String bold(String text) {
        return kind.colourOut() ? "\u001b[1m" + text + "\u001b[0m" : text;
    }

    /** Takes the status line away, if there is one. */
    synchronized void endLine() {
        if (lineOpen) {
            err.print(ERASE_LINE);
            err.flush();
            lineOpen = false;
        }
    }
}
