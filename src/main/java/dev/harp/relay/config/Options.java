package dev.harp.relay.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** Reads options one by one and remembers what is wrong with each, so that the operator sees all of it at once. */
final class Options {
    private static final int SHOWN = 100;

    private final Map<String, String> values;
    private final List<String> errors = new ArrayList<>();

    /** Options of these texts, each at its key or its name. */
    Options(Map<String, String> values) {
        this.values = values;
        values.keySet().stream()
                .filter(key -> !Option.isName(key) && !Option.isKey(key))
                .sorted()
                .forEach(key -> errors.add(printable(key) + ": there is no such option"));
    }

    int integer(Option option, int min, int max) {
        return (int) integer(option, (long) min, (long) max);
    }

    long integer(Option option, long min, long max) {
        return parsed(option, "a whole number from " + min + " to " + max, text -> number(text, min, max))
                .orElse(min);
    }

    Duration seconds(Option option, int min, int max) {
        return Duration.ofSeconds(
                parsed(option, "whole seconds from " + min + " to " + max, text -> number(text, min, max))
                        .orElse((long) min));
    }

    /** The option as the function understands it. Empty after an error. */
    <T> Optional<T> parsed(Option option, String allowed, Function<String, Optional<T>> parse) {
        String text = text(option);
        Optional<T> value = parse.apply(text);
        if (value.isEmpty()) {
            wrong(option, "'" + printable(text) + "'", allowed);
        }
        return value;
    }

    /** The same for an option whose value is not to be shown. */
    <T> Optional<T> secret(Option option, String allowed, Function<String, Optional<T>> parse) {
        return secret(option, allowed, _ -> true, parse);
    }

    /** The same for an option some of whose values are not to be shown. */
    <T> Optional<T> secret(
            Option option, String allowed, Predicate<String> hidden, Function<String, Optional<T>> parse) {
        String text = text(option);
        if (!hidden.test(text)) {
            return parsed(option, allowed, parse);
        }
        Optional<T> value = parse.apply(text);
        if (value.isEmpty()) {
            wrong(option, text.length() + " characters, which are not shown", allowed);
        }
        return value;
    }

    void wrong(Option option, String given, String allowed) {
        errors.add(option + ": given " + given + "; allowed: " + allowed);
    }

    boolean allRight() {
        return errors.isEmpty();
    }

    List<String> errors() {
        return errors;
    }

    private String text(Option option) {
        return values.getOrDefault(option.key(), values.getOrDefault(option.name(), ""))
                .strip();
    }

    private static Optional<Long> number(String text, long min, long max) {
        return Optional.of(text)
                .filter(digits -> digits.matches("\\d{1,18}"))
                .map(Long::valueOf)
                .filter(value -> value >= min && value <= max);
    }

    /** One line, however the value was written. */
    private static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    }
}
