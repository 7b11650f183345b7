package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Whole;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of secrets: who may read them, and what is in them after each way to be interrupted. */
@Timeout(300)
class JsonFileTest {
    @TempDir
    private Path folder = Path.of("");

    private static Members number(long value) {
        return JsonTree.object().add("n", value).build();
    }

    @Test
    void onlyTheUserCanReadIt() throws IOException {
        Path path = folder.resolve("a/b.json");
        JsonFile file = new JsonFile(path);
        assertEquals(Optional.empty(), file.read());
        file.write(number(1));
        file.write(number(2));
        assertEquals(Optional.of(number(2)), file.read());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("a"))));
        try (Stream<Path> files = Files.list(folder.resolve("a"))) {
            assertEquals(List.of(path), files.toList(), "nothing is left beside it");
        }
        assertEquals(path.toString(), file.toString());
        file.delete();
        file.delete();
        assertEquals(Optional.empty(), file.read());
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Path path = folder.resolve("x.json");
        for (String damaged : List.of("", "{\"n\":1", "{\"n\": 1}", "[]", "{\"n\":1}{\"n\":2}")) {
            Files.writeString(path, damaged);
            UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> new JsonFile(path).read());
            assertTrue(String.valueOf(e.getMessage()).contains(path + " is damaged"), e.getMessage());
        }
        UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> new JsonFile(folder).read());
        assertTrue(e.getCause() != null);
        assertThrows(IllegalArgumentException.class, () -> new JsonFile(Path.of("/")));
    }

    @Test
    void whereNothingCanBeWrittenThatIsSaid() throws IOException {
        Path blocked = Files.writeString(folder.resolve("file"), "");
        JsonFile file = new JsonFile(blocked.resolve("x.json"));
        assertThrows(UncheckedIOException.class, () -> file.write(number(1)));
        assertThrows(UncheckedIOException.class, () -> file.locked(() -> 1));
        Path full = Files.createDirectories(folder.resolve("folder.json/inner"));
        assertThrows(UncheckedIOException.class, () -> new JsonFile(full.resolveSibling("../folder.json")).delete());
    }

    @Test
    void stepsUnderItsLockDoNotMix() throws Exception {
        Path path = folder.resolve("count.json");
        new JsonFile(path).write(number(0));
        Callable<Boolean> step = () -> {
            JsonFile file = new JsonFile(path);
            return file.locked(() -> {
                Members now = file.read().orElseThrow();
                file.write(number(((Whole) now.get("n").orElseThrow()).value() + 1));
                return true;
            });
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> done : threads.invokeAll(java.util.Collections.nCopies(50, step))) {
                assertTrue(done.get());
            }
        }
        assertEquals(Optional.of(number(50)), new JsonFile(path).read());
    }

    private Path leftover(String name, Duration age) throws IOException {
        Path path = Files.writeString(folder.resolve(name), "{\"secret\":\"S\"}");
        FileTime now = Files.getLastModifiedTime(path);
        Files.setLastModifiedTime(path, FileTime.from(now.toInstant().minus(age)));
        return path;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.toString().endsWith(".lock"))
                    .sorted()
                    .toList();
        }
    }

    /** A process was killed between the write of a version and its move. */
    @Test
    void whatAKilledProcessHasLeftIsSwept() throws IOException {
        Path path = folder.resolve("a.json");
        JsonFile file = new JsonFile(path);
        Path fresh = leftover("a.json.17.new", Duration.ZERO);
        leftover("a.json.18.new", Duration.ofSeconds(601));
        leftover("other.json.19.new", Duration.ofSeconds(601));
        Path writing = leftover("other.json.20.new", Duration.ofSeconds(590));
        Path foreign = leftover("notes.new", Duration.ofDays(9));
        file.write(number(1));
        assertEquals(List.of(path, fresh, foreign, writing), files(), "another process may be writing");
        file.locked(() -> {
            file.write(number(2));
            return true;
        });
        assertEquals(List.of(path, foreign, writing), files(), "under the lock nobody is");
        leftover("a.json.21.new", Duration.ZERO);
        file.delete();
        assertEquals(List.of(foreign, writing), files());
    }
}
