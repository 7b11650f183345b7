package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.Ask;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Flag;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import dev.harp.message.Question.Format;
import dev.harp.message.Question.Option;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The questions of the tool {@code AskUserQuestion} as a form. Each has a field to choose in, with the option
 * {@code Other} that Claude Code adds, too, and a field for words of the person's own.
 */
final class HookForm {
    private static final int LONGEST_LABEL = 200;
    private static final int LONGEST_VALUE = 100;
    private static final String OTHER = "Other, in my own words";

    private final List<Asked> questions;

    /** One question of the agent's. */
    private record Asked(String text, boolean several, List<Choice> options) {
        boolean fits() {
            return isLabel(text) && options.stream().allMatch(choice -> isLabel(choice.whole()) && !choice.preview());
        }

        /**
         * What the field offers, {@code OTHER} at the end. A value is the label itself, which the person then sees
         * once, or the number of the option if a label is too long for that or there twice.
         */
        List<Option> offered() {
            List<String> labels = new ArrayList<>();
            for (Choice choice : options) {
                labels.add(
                        isLabel(choice.whole())
                                ? choice.whole()
                                : isLabel(choice.label())
                                        ? choice.label()
                                        : "Answer " + (labels.size() + 1) + ": read it below");
            }
            labels.add(OTHER);
            boolean values = new HashSet<>(labels).size() == labels.size()
                    && labels.stream().allMatch(label -> bytes(label) <= LONGEST_VALUE);
            List<Option> offered = new ArrayList<>();
            labels.forEach(label -> offered.add(new Option(values ? label : "" + (offered.size() + 1), label)));
            return offered;
        }

        /** The label of this value, or nothing if it is {@code OTHER}. */
        Optional<String> label(String value) {
            List<String> values = offered().stream().map(Option::value).toList();
            int index = values.indexOf(value);
            return index < options.size() ? Optional.of(options.get(index).label()) : Optional.empty();
        }
    }

    /**
     * One of its answers.
     *
     * @param whole label and description
     * @param preview whether there is more to see of it
     */
    private record Choice(String label, String whole, boolean preview) {}

    private HookForm(List<Asked> questions) {
        this.questions = questions;
    }

    static HookForm of(HookEvent event) {
        List<Asked> questions = new ArrayList<>();
        Set<String> texts = new HashSet<>();
        for (Members question : objects(event.input(), "questions")) {
            Asked asked = new Asked(
                    text(question, "question"),
                    question.get("multiSelect").filter(new Flag(true)::equals).isPresent(),
                    objects(question, "options").stream().map(HookForm::choice).toList());
            if (!texts.add(asked.text())) {
                throw HookEvent.bad("two questions have the same text, by which Claude Code tells their answers apart");
            }
            questions.add(asked);
        }
        return new HookForm(questions);
    }

    private static Choice choice(Members option) {
        String label = text(option, "label");
        String whole = option.text("description")
                .filter(text -> !text.isEmpty())
                .map(text -> label + ": " + text)
                .orElse(label);
        return new Choice(label, whole, option.text("preview").isPresent());
    }

    private static List<Members> objects(Members in, String name) {
        if (in.get(name).orElse(new Flag(false)) instanceof Items(List<JsonTree> values)
                && !values.isEmpty()
                && values.stream().allMatch(Members.class::isInstance)) {
            return values.stream().map(Members.class::cast).toList();
        }
        throw HookEvent.bad(name + " is missing, or no array of objects");
    }

    private static String text(Members in, String name) {
        return in.text(name)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> HookEvent.bad(name + " is missing, empty, or no text"));
    }

    private static boolean isLabel(String text) {
        return bytes(text) <= LONGEST_LABEL;
    }

    private static int bytes(String text) {
        return text.getBytes(UTF_8).length;
    }

    /** The form; whatever has no room in a label is a detail, in the agent's own JSON. */
    Ask ask(HookEvent event, Duration ttl) {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            Asked asked = questions.get(i);
            String label = isLabel(asked.text()) ? asked.text() : "Question " + (i + 1) + ": read it below";
            FieldType type = asked.several() ? FieldType.SEVERAL : FieldType.SELECT;
            fields.add(new Field(name(i), type, label, true, asked.offered()));
            fields.add(new Field(ownName(i), FieldType.TEXT, "In my own words, if other", false, List.of()));
        }
        String action = questions.size() == 1 ? "Answer a question" : "Answer " + questions.size() + " questions";
        Ask ask = Ask.collect(action, ttl, fields);
        return questions.stream().allMatch(Asked::fits)
                ? ask
                : ask.with(question -> question.details(
                        List.of(new Detail("Questions", Format.CODE, HookQuestion.json(event.input())))));
    }

    private static String name(int question) {
        return "question_" + (question + 1);
    }

    private static String ownName(int question) {
        return name(question) + "_own";
    }

    /** The tool's input with the answers: label by label, then the person's own words, separated by commas. */
    Members answered(HookEvent event, Answer answer) {
        Map<String, JsonTree> answers = new LinkedHashMap<>();
        for (int i = 0; i < questions.size(); i++) {
            Asked asked = questions.get(i);
            List<String> words = new ArrayList<>();
            for (String chosen : values(answer, name(i))) {
                asked.label(chosen).ifPresent(words::add);
            }
            words.addAll(values(answer, ownName(i)));
            answers.put(asked.text(), new JsonTree.Text(words.isEmpty() ? "Other" : String.join(", ", words)));
        }
        Map<String, JsonTree> input = new LinkedHashMap<>(event.input().values());
        input.put("answers", new Members(answers));
        return new Members(input);
    }

    private static List<String> values(Answer answer, String name) {
        Optional<Answer.Value> found = answer.values().stream()
                .filter(value -> value.name().equals(name))
                .findFirst();
        return found.map(value -> switch (value) {
                    case One(var _, String text) -> text.isEmpty() ? List.<String>of() : List.of(text);
                    case Several(var _, List<String> chosen) -> chosen;
                })
                .orElse(List.of());
    }
}
