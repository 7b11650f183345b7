package dev.harp.message;

import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Answer.Value;
import dev.harp.message.Question.Choice;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.Option;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Which answer fits which question. The device asks before it signs, the platform before it believes. */
public final class AnswerRules {
    private static final int MAX_NUMBER = 64;

    private AnswerRules() {}

    /** The decisions that answer a question of this intent. What is not understood may be denied whatever it is. */
    public static Set<Decision> decisions(Intent intent) {
        return switch (intent) {
            case AUTHORIZE -> EnumSet.of(Decision.APPROVED, Decision.DENIED);
            case COLLECT -> EnumSet.of(Decision.ANSWERED, Decision.DENIED);
            case INFORM -> EnumSet.of(Decision.SEEN, Decision.DENIED);
        };
    }

    /** The decisions that a device may offer. */
    public static Set<Decision> decisions(ReceivedQuestion question) {
        return switch (question) {
            case ReceivedQuestion.Understood(Question known, Bytes _)
            when known.intent() == Intent.INFORM -> EnumSet.of(Decision.SEEN);
            case ReceivedQuestion.Understood(Question known, Bytes _) -> decisions(known.intent());
            case ReceivedQuestion.NotUnderstood _ -> EnumSet.of(Decision.DENIED);
        };
    }

    /** Refused with {@code wrong_decision}, {@code answer_choice} or {@code answer_values}, in this order. */
    static void check(Question question, Answer answer) {
        Decision decision = answer.decision();
        Refusal.unless(decisions(question.intent()).contains(decision), Reason.WRONG_DECISION);
        Refusal.unless(
                answer.choice().isEmpty()
                        || (decision == Decision.APPROVED
                                && question.choices().stream()
                                        .map(Choice::id)
                                        .anyMatch(answer.choice().get()::equals)),
                Reason.ANSWER_CHOICE);
        boolean fits = decision == Decision.ANSWERED
                ? fit(question.fields(), answer.values())
                : answer.values().isEmpty();
        Refusal.unless(fits, Reason.ANSWER_VALUES);
    }

    private static boolean fit(List<Field> fields, List<Value> values) {
        Set<String> names = new HashSet<>();
        for (Value value : values) {
            Optional<Field> field = fields.stream()
                    .filter(candidate -> candidate.name().equals(value.name()))
                    .findFirst();
            if (!names.add(value.name())
                    || field.filter(known -> fits(known, value)).isEmpty()) {
                return false;
            }
        }
        return fields.stream().filter(Field::required).map(Field::name).allMatch(names::contains);
    }

    private static boolean fits(Field field, Value value) {
        Set<String> options = field.options().stream().map(Option::value).collect(Collectors.toSet());
        return switch (value) {
            case Several(String _, List<String> chosen) ->
                field.type() == Question.FieldType.SEVERAL
                        && options.containsAll(chosen)
                        && new HashSet<>(chosen).size() == chosen.size()
                        && !(field.required() && chosen.isEmpty());
            case One(String _, String text) ->
                switch (field.type()) {
                    case TEXT -> !(field.required() && text.isEmpty());
                    case NUMBER -> text.length() <= MAX_NUMBER && Texts.isNumber(text);
                    case SELECT -> options.contains(text);
                    case SEVERAL -> false;
                };
        };
    }
}
