package dev.harp.relay.config;

import dev.harp.relay.store.redis.RedisAddress;
import java.util.Optional;

/** Where the relay keeps its records ({@code STORE}). */
public sealed interface Storage {
    /** What {@code STORE} may be, for the operator. */
    String ALLOWED = "memory, redis://[[user]:password@]host[:port][/database], rediss:// for TLS, or"
            + " redis+sentinel://[[user]:password@]host[:port][,...]/master[/database]";

    /** In this process, which forgets them with its end. */
    record InMemory() implements Storage {

        @Override
        public String toString() {
            return "memory";
        }
    }

    /** In Redis, which any number of relays share. */
    record InRedis(RedisAddress address) implements Storage {

        @Override
        public String toString() {
            return address.toString();
        }
    }

    /** What the text asks for; empty if that is nothing that there is. */
    static Optional<Storage> parse(String text) {
        return text.equals("memory")
                ? Optional.of(new InMemory())
                : RedisAddress.parse(text).map(InRedis::new);
    }

    /** As the operator has written it, without any secret. */
    @Override
    String toString();
}
