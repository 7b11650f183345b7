package dev.harp.cli;

import dev.harp.message.Assurance;
import dev.harp.message.Severity;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The words of options. */
final class Words {
    private Words() {}

    static Severity severity(String option, String text) {
        return one(option, text, List.of(Severity.values()), Severity::code);
    }

    static Assurance assurance(String option, String text) {
        return one(option, text, List.of(Assurance.values()), Assurance::code);
    }

    private static <T> T one(String option, String text, List<T> values, Function<T, String> code) {
        return values.stream()
                .filter(value -> code.apply(value).equals(text))
                .findFirst()
                .orElseThrow(() -> Failure.usage(option + ": '" + Printable.line(text) + "' is none of "
                        + values.stream().map(code).collect(Collectors.joining(", "))));
    }

    /** The words of a command as a POSIX shell would need them. */
    static String shell(List<String> words) {
        return words.stream().map(Words::quoted).collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=@%+,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
