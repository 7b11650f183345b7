package dev.harp.message;

import java.util.List;
import java.util.Optional;

/**
 * What a device answers; {@link AnswerRules} says what goes with which question.
 *
 * @param decidedAt Unix seconds, by the device's clock: told, and never judged
 * @param reason 1 to 1,000 bytes as a JSON string, escapes included
 * @param choice the id of one of the question's choices; with {@code approved} only
 * @param values the form's values, with {@code answered} only
 */
public record Answer(
        Decision decision, long decidedAt, Optional<String> reason, Optional<String> choice, List<Value> values) {
    /** The longest reason, in bytes as {@link dev.harp.json.ExactJson#escapedLength} counts. */
    public static final int MAX_REASON = 1_000;

    /** One field's value. */
    public sealed interface Value {
        String name();
    }

    /** A text, a number as digits, or the value of one option. */
    public record One(String name, String value) implements Value {}

    /** The values of several options, each once. */
    public record Several(String name, List<String> values) implements Value {
        public Several {
            values = List.copyOf(values);
        }
    }

    /** An answer without reason, choice and values. */
    public static Answer of(Decision decision, long decidedAt) {
        return new Answer(decision, decidedAt, Optional.empty(), Optional.empty(), List.of());
    }

    public Answer withReason(String text) {
        return new Answer(decision, decidedAt, Optional.of(text), choice, values);
    }

    public Answer withChoice(String id) {
        return new Answer(decision, decidedAt, reason, Optional.of(id), values);
    }

    public Answer withValues(List<Value> list) {
        return new Answer(decision, decidedAt, reason, choice, List.copyOf(list));
    }
}
