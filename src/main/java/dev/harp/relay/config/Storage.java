package dev.harp.relay.config;

import dev.harp.relay.store.file.Sync;
import dev.harp.relay.store.redis.RedisAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Where the relay keeps its records ({@code STORE}). */
public sealed interface Storage {
    /** What {@code STORE} may be, for the operator. */
    String ALLOWED = "memory, file:DIR, redis://[[user]:password@]host[:port][/database], rediss:// for TLS, or"
            + " redis+sentinel://[[user]:password@]host[:port][,...]/master[/database]";

    /** What is written before a directory. */
    String FILE = "file:";

    /** In this process, which forgets them with its end. */
    record InMemory() implements Storage {

        @Override
        public <T> T choose(Function<InMemory, T> inMemory, Function<InFile, T> inFile, Function<InRedis, T> inRedis) {
            return inMemory.apply(this);
        }

        @Override
        public String toString() {
            return "memory";
        }
    }

    /**
     * In a directory of this machine, which one relay at a time has open.
     *
     * @param directory made if it is not there
     * @param sync when a change is forced to the disk ({@code FSYNC})
     */
    record InFile(Path directory, Sync sync) implements Storage {

        @Override
        public <T> T choose(Function<InMemory, T> inMemory, Function<InFile, T> inFile, Function<InRedis, T> inRedis) {
            return inFile.apply(this);
        }

        @Override
        public String toString() {
            return FILE + directory;
        }
    }

    /** In Redis, which any number of relays share. */
    record InRedis(RedisAddress address) implements Storage {

        @Override
        public <T> T choose(Function<InMemory, T> inMemory, Function<InFile, T> inFile, Function<InRedis, T> inRedis) {
            return inRedis.apply(this);
        }

        @Override
        public String toString() {
            return address.toString();
        }
    }

    /** What the text asks for; empty if that is nothing that there is. */
    static Optional<Storage> parse(String text, Sync sync) {
        if (text.equals("memory")) {
            return Optional.of(new InMemory());
        }
        return text.startsWith(FILE)
                ? inFile(text.substring(FILE.length()), sync)
                : RedisAddress.parse(text).map(InRedis::new);
    }

    private static Optional<Storage> inFile(String directory, Sync sync) {
        try {
            return directory.isBlank() ? Optional.empty() : Optional.of(new InFile(Path.of(directory), sync));
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    /**
     * What the function for this one returns. Every start asks, and a {@code switch} over patterns would have the JVM write and load a class each
     * time, which no AOT cache keeps.
     */
    <T> T choose(Function<InMemory, T> inMemory, Function<InFile, T> inFile, Function<InRedis, T> inRedis);

    /** As the operator has written it, without any secret. */
    @Override
    String toString();
}
