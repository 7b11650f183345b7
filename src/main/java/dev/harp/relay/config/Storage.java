package dev.harp.relay.config;

import dev.harp.relay.store.file.Sync;
import dev.harp.relay.store.redis.RedisAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the relay keeps its records ({@code STORE}). {@code toString} gives the option's text, without any password.
 */
public sealed interface Storage {
    /** The allowed values of {@code STORE}, for an error message. */
    String ALLOWED = "memory, file:DIR, redis://[[user]:password@]host[:port][/database], rediss:// for TLS, or"
            + " redis+sentinel://[[user]:password@]host[:port][,...]/master[/database]";

    /** The prefix of a directory. */
    String FILE = "file:";

    /** In this process only. The records are lost when it ends. */
    record InMemory() implements Storage {

        @Override
        public String toString() {
            return "memory";
        }
    }

    /**
     * In a directory, which one relay at a time has open.
     *
     * @param directory created if it does not exist
     * @param sync when a change is forced to the disk ({@code FSYNC})
     */
    record InFile(Path directory, Sync sync) implements Storage {

        @Override
        public String toString() {
            return FILE + directory;
        }
    }

    /** In Redis, which any number of relays share. */
    record InRedis(RedisAddress address) implements Storage {

        @Override
        public String toString() {
            return address.toString();
        }
    }

    /** Parses the option; empty if it is none of the allowed values. */
    static Optional<Storage> parse(String text, Sync sync) {
        if (text.equals("memory")) {
            return Optional.of(new InMemory());
        }
        if (!text.startsWith(FILE)) {
            return RedisAddress.parse(text).map(InRedis::new);
        }
        try {
            return Optional.of(text.substring(FILE.length()))
                    .filter(directory -> !directory.isBlank())
                    .map(directory -> new InFile(Path.of(directory), sync));
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }
}
