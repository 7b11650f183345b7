package dev.harp.relay.config;

import java.util.Optional;

/** Where the relay keeps its records ({@code STORE}). */
public sealed interface Storage {
    /** What {@code STORE} may be, for the operator. */
    String ALLOWED = "memory";

    /** In this process, which forgets them with its end. */
    record InMemory() implements Storage {

        @Override
        public String toString() {
            return "memory";
        }
    }

    /** What the text asks for; empty if that is nothing that there is. */
    static Optional<Storage> parse(String text) {
        return text.equals("memory") ? Optional.of(new InMemory()) : Optional.empty();
    }

    /** As the operator has written it, without any secret. */
    @Override
    String toString();
}
