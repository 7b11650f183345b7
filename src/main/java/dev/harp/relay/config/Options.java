package dev.harp.relay.config;

import io.helidon.config.Config;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Reads options one by one. Errors are collected rather than thrown, so that the operator sees all of them at once. The
 * value that takes effect is kept as text for {@code --check-config}.
 */
final class Options {
    private static final int MAX_SHOWN = 100;
    private static final String HIDDEN = "(set, not shown)";

    private final Config config;
    private final List<String> errors = new ArrayList<>();
    private final Map<Option, String> effective = new EnumMap<>(Option.class);

    Options(Config config) {
        this.config = config;
        config.traverse()
                .filter(Config::hasValue)
                .map(Config::key)
                .map(Config.Key::toString)
                .filter(key -> !Option.isKnown(key))
                .sorted()
                .forEach(key -> errors.add(printable(key) + ": there is no such option"));
    }

    int integer(Option option, int min, int max) {
        return (int) number(option, "a whole number", min, max);
    }

    Duration seconds(Option option, int min, int max) {
        return Duration.ofSeconds(number(option, "whole seconds", min, max));
    }

    /** @param kind what the number is, for an error message */
    long number(Option option, String kind, long min, long max) {
        long number = parse(
                        option,
                        kind + " from " + min + " to " + max,
                        text -> Optional.of(text)
                                .filter(digits -> digits.matches("\\d{1,18}"))
                                .map(Long::valueOf)
                                .filter(value -> value >= min && value <= max))
                .orElse(min);
        effective(option, "" + number);
        return number;
    }

    /** One of the words, in lower case; the first of them after an error. */
    <E extends Enum<E>> E word(Option option, List<E> words) {
        Function<E, String> text = word -> word.name().toLowerCase(Locale.ROOT);
        String allowed = words.stream().map(text).collect(Collectors.joining(", "));
        E word = parse(
                        option,
                        allowed,
                        given -> words.stream()
                                .filter(each -> text.apply(each).equals(given))
                                .findFirst())
                .orElse(words.getFirst());
        effective(option, text.apply(word));
        return word;
    }

    /** The text, if it passes the test; empty text after an error. */
    String text(Option option, String allowed, Predicate<String> test) {
        return parsed(option, allowed, "", text -> Optional.of(text).filter(test));
    }

    /** Whether the option is on; off after an error. */
    boolean onOff(Option option) {
        return text(option, "on, off", List.of("on", "off")::contains).equals("on");
    }

    /** The values between commas. */
    <T> List<T> list(Option option, String allowed, Function<String, Optional<T>> parse) {
        List<T> values = parse(option, allowed, text -> all(text, parse)).orElse(List.of());
        effective(option, quoted(values.stream().map(Object::toString).collect(Collectors.joining(", "))));
        return values;
    }

    private static <T> Optional<List<T>> all(String text, Function<String, Optional<T>> parse) {
        List<String> parts = Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
        List<T> values =
                parts.stream().flatMap(part -> parse.apply(part).stream()).toList();
        return values.size() == parts.size() ? Optional.of(values) : Optional.empty();
    }

    /**
     * The option as the function parses it, or the other value after an error. Its {@code toString} can be read again.
     */
    <T> T parsed(Option option, String allowed, T otherwise, Function<String, Optional<T>> parse) {
        T value = parse(option, allowed, parse).orElse(otherwise);
        effective(option, quoted(value.toString()));
        return value;
    }

    private <T> Optional<T> parse(Option option, String allowed, Function<String, Optional<T>> parse) {
        return parse(option, allowed, _ -> false, parse);
    }

    /** An option whose value is never shown. Empty if it is not set, and after an error. */
    <T> Optional<T> secret(Option option, String allowed, Function<String, Optional<T>> parse) {
        boolean set = !text(option).isEmpty();
        effective(option, set ? HIDDEN : quoted(""));
        return set ? parse(option, "none, or " + allowed, _ -> true, parse) : Optional.empty();
    }

    /**
     * The option as the function parses it. Empty after an error, which does not show the value if it may be a secret.
     */
    <T> Optional<T> parse(
            Option option, String allowed, Predicate<String> secret, Function<String, Optional<T>> parse) {
        String text = text(option);
        Optional<T> value = parse.apply(text);
        if (value.isEmpty()) {
            boolean hidden = secret.test(text);
            String given = hidden ? text.length() + " characters, which are not shown" : "'" + printable(text) + "'";
            wrong(option, given, allowed);
        }
        return value;
    }

    private String text(Option option) {
        Config place = config.get(option.key());
        Config value = place.hasValue() ? place : config.get(option.name());
        try {
            return value.asString().orElse("").strip();
        } catch (IllegalStateException _) {
            // Helidon's answer to PORT: "${PORT}". With spaces in it, this text is no option's value.
            return "a value that refers to itself";
        }
    }

    void wrong(Option option, String given, String allowed) {
        errors.add(option + ": given " + given + "; allowed: " + allowed);
    }

    /** Sets the value that {@code --check-config} prints, if it is not the one that was given. */
    void effective(Option option, String text) {
        effective.put(option, text);
    }

    boolean allRight() {
        return errors.isEmpty();
    }

    List<String> errors() {
        return errors;
    }

    /** Every option that was read, and its value, a line each. */
    List<String> lines() {
        return effective.entrySet().stream()
                .map(option -> option.getKey() + ": " + option.getValue())
                .toList();
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }

    /** One line, however the value was written. */
    static String printable(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "...";
    }
}
