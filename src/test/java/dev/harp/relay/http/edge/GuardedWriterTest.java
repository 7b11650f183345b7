package dev.harp.relay.http.edge;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class GuardedWriterTest {
    /** In a JVM with one processor for virtual threads, whose writes never block. */
    @Test
    void connectionsTakeTurns() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Djdk.virtualThreadScheduler.parallelism=1",
                        "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TwoWriters.class.getName()))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output, process.waitFor(), is(0));
        assertThat(output, is("abababab"));
    }

    /** Two connections that write four times as much as a turn is; prints who has written. */
    static final class TwoWriters {
        private TwoWriters() {}

        public static void main(String[] arguments) throws InterruptedException {
            Queue<String> written = new ConcurrentLinkedQueue<>();
            Thread second = Thread.ofVirtual().unstarted(() -> write("b", written));
            Thread.ofVirtual()
                    .start(() -> {
                        second.start();
                        write("a", written);
                    })
                    .join();
            second.join();
            System.out.print(String.join("", written));
        }

        private static void write(String name, Queue<String> written) {
            var timeouts = new Timeouts(Duration.ofSeconds(9), Duration.ofSeconds(9), Duration.ofSeconds(9));
            var writer = new GuardedWriter(
                    new Recorder(name, written), new ReadDeadlines(timeouts, System::nanoTime), () -> {}, () -> {});
            for (int i = 0; i < 4; i++) {
                writer.write(BufferData.create(new byte[64 * 1024]));
            }
        }
    }

    private record Recorder(String name, Queue<String> written) implements DataWriter {
        @Override
        public void write(BufferData... buffers) {
            throw new AssertionError("buffers are written one by one");
        }

        @Override
        public void write(BufferData buffer) {
            written.add(name);
        }

        @Override
        public void writeNow(BufferData... buffers) {
            write(buffers);
        }

        @Override
        public void writeNow(BufferData buffer) {
            write(buffer);
        }
    }
}
