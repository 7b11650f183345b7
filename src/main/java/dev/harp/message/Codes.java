package dev.harp.message;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** Finds enumerated values by their names on the wire. */
final class Codes {
    private Codes() {}

    static <E> Optional<E> find(E[] values, Function<E, String> code, String text) {
        return Arrays.stream(values)
                .filter(value -> code.apply(value).equals(text))
                .findFirst();
    }
}
