package dev.harp.relay.store.file;

import static dev.harp.relay.protocol.Samples.TERMS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.service.Rig;
import dev.harp.testing.LogCapture;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the log says while a file is opened, on a clock of which each look takes as long as the test says. */
@Timeout(60)
class FileProgressTest extends FileStoreRig {
    private static final String READING = "INFO the records are being read from the file store_opening{read=";

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

    /** A second for each record: every fifth one is a line, however many there are. */
    @Test
    void aSlowOpeningIsALineInFiveSeconds() {
        open(clock(Duration.ofSeconds(1)));
        List<String> lines = log.events("store_opening");
        long records = Long.parseLong(lines.getFirst().replaceAll(".*records=(\\d+)}", "$1"));
        assertThat(records, greaterThan(99L));
        assertThat((long) lines.size(), is(records / 5));
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i), is(READING + 5 * (i + 1) + ", records=" + records + "}"));
        }
        assertThat(
                log.events("store_opened"),
                is(List.of("INFO all records have been read from the file store_opened{records=" + records
                        + ", duration_ms=" + (records + 1) * 1000 + "}")));
    }

    /** A damaged newest version is discarded, and the one before is read from its beginning. */
    @Test
    void whatIsReadAgainIsCountedAgain() {
        Progress progress = new Progress(clock(Duration.ofSeconds(5)));
        progress.expect(3);
        progress.next();
        progress.expect(2);
        progress.next();
        progress.next();
        assertThat(
                log.events("store_opening"),
                is(List.of(READING + "1, records=3}", READING + "1, records=2}", READING + "2, records=2}")));
        progress.end();
        assertThat(log.events("store_opened").getLast(), startsWith("INFO all records"));
    }
}
