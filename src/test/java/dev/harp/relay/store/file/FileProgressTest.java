package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.TERMS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.service.Rig;
import dev.harp.testing.LogCapture;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the log says while a file is opened, on a clock of which each look takes as long as the test says. */
@Timeout(60)
class FileProgressTest extends FileStoreRig {
    /** What {@link #fill} stores, without lists. */
    private static final int RECORDS = 100;

    private final LogCapture log = LogCapture.of(FileStore.class.getName());

    @BeforeEach
    void fillTheFile() {
        fill();
    }

    @AfterEach
    void endCapture() {
        log.close();
    }

    private static LongSupplier clock(Duration eachLook) {
        AtomicLong now = new AtomicLong();
        return () -> now.addAndGet(eachLook.toNanos());
    }

    private void open(LongSupplier nanoTime) {
        FileStore.open(directory, Sync.ALWAYS, TERMS, Rig.ROOMY, InstantSource.system(), nanoTime, () -> {})
                .close();
    }

    @Test
    void aQuickOpeningIsSilent() {
        open(clock(Duration.ofNanos(1)));
        assertThat(log.lines(), is(empty()));
    }

    /** A second for each record in each step: every fifth one is a line, however many there are. */
    @Test
    void aSlowOpeningIsALineInFiveSeconds() {
        open(clock(Duration.ofSeconds(1)));
        List<String> lines = log.events("store_opening");
        int read = Integer.parseInt(lines.getFirst().replaceAll(".*records=(\\d+)}", "$1"));
        assertThat(read, greaterThanOrEqualTo(RECORDS));
        assertThat(
                lines,
                is(IntStream.rangeClosed(1, (read + RECORDS) / 5)
                        .map(line -> 5 * line)
                        .mapToObj(second ->
                                second <= read ? line("read", second, read) : line("restore", second - read, RECORDS))
                        .toList()));
        assertThat(
                log.events("store_opened"),
                is(List.of("INFO the file is open store_opened{records=" + RECORDS + ", duration_ms="
                        + (read + RECORDS + 1) * 1000 + "}")));
    }

    /** A damaged newest version is discarded, and the one before is read from its beginning. */
    @Test
    void whatIsReadAgainIsCountedAgain() {
        Progress progress = new Progress(clock(Duration.ofSeconds(5)));
        progress.begin(Progress.Step.READ, 3);
        progress.next();
        progress.begin(Progress.Step.READ, 2);
        progress.next();
        progress.next();
        assertThat(
                log.events("store_opening"), is(List.of(line("read", 1, 3), line("read", 1, 2), line("read", 2, 2))));
    }

    private static String line(String step, int done, int records) {
        return "INFO the file is being opened store_opening{step=" + step + ", done=" + done + ", records=" + records
                + "}";
    }
}
