package dev.harp.relay.log;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls do not depend on the reader of the log. */
@Timeout(300)
class LineWriterTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    /** A stream whose reader has stopped reading. */
    private static final class Stuck extends OutputStream {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch back = new CountDownLatch(1);
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            reached.countDown();
            try {
                back.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            written.write(bytes, offset, length);
        }
    }

    private static LogRecord entry(String message) {
        LogRecord entry = new LogRecord(Level.INFO, message);
        entry.setLoggerName("dev.harp.relay.Test");
        return entry;
    }

    private static List<String> lines(ByteArrayOutputStream out) {
        return out.toString(StandardCharsets.US_ASCII).lines().toList();
    }

    @Test
    void linesComeInOrder() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LineWriter writer = new LineWriter(out, Line.json(), 1 << 20);
        for (int i = 0; i < 1000; i++) {
            writer.publish(entry("line " + i));
        }
        writer.flush(LONG);
        List<String> lines = lines(out);
        assertThat(lines, hasSize(1000));
        for (int i = 0; i < 1000; i++) {
            assertThat(lines.get(i), containsString("\"line " + i + "\""));
        }
        writer.close();
    }

    /** No call waits for a reader that has stopped, memory does not grow, and the number of lost events is logged. */
    @Test
    void aStuckReaderLosesOnlyLines() throws Exception {
        Stuck out = new Stuck();
        LineWriter writer = new LineWriter(out, Line.json(), 10_000);
        writer.publish(entry("first"));
        out.reached.await();
        for (int i = 0; i < 10_000; i++) {
            writer.publish(entry("more"));
        }
        writer.flush(Duration.ZERO);
        out.back.countDown();
        writer.flush(LONG);
        List<String> lines = lines(out.written);
        assertThat(lines.size(), lessThan(200));
        assertThat(lines.getLast(), containsString("\"event\":\"log_dropped\""));
        int told = lines.size() - 2;
        assertThat(lines.getLast(), containsString((10_000 - told) + " events"));
        writer.close();
    }

    @Test
    void aBrokenStreamFailsNoCall() {
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("Broken pipe");
            }
        };
        LineWriter writer = new LineWriter(broken, Line.json(), 1 << 20);
        for (int i = 0; i < 100; i++) {
            writer.publish(entry("line"));
            writer.flush(LONG);
        }
        writer.close();
    }

    /** The toString of a parameter throws. */
    @Test
    void anEventThatCannotBeFormattedIsReported() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LineWriter writer = new LineWriter(out, Line.json(), 1 << 20);
        LogRecord entry = entry("{0}");
        entry.setParameters(new Object[] {
            new Object() {
                @Override
                public String toString() {
                    throw new IllegalStateException("CANARY");
                }
            }
        });
        writer.publish(entry);
        writer.publish(entry("after"));
        writer.flush(LONG);
        assertThat(lines(out), hasSize(2));
        assertThat(lines(out).getLast(), containsString("after"));
        assertThat(out.toString(StandardCharsets.US_ASCII).contains("CANARY"), is(false));
        writer.close();
    }
}
