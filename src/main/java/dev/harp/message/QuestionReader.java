package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Question.Choice;
import dev.harp.message.Question.Context;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import dev.harp.message.Question.Format;
import dev.harp.message.Question.Option;
import dev.harp.message.Question.Parameter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Reads a question's plaintext. Members and bounds that are known are checked to the last; what is not known is noted,
 * and makes the question one that can only be denied.
 */
final class QuestionReader {
    private static final int MAX_PARAMETERS = 100;
    private static final int MAX_DETAILS = 16;
    private static final int MAX_FIELDS = 32;
    private static final int MAX_OPTIONS = 64;

    private final List<String> unknown = new ArrayList<>();

    private QuestionReader() {}

    /** Refused with {@code wrong_request} if the question names another request than its envelope. */
    static ReceivedQuestion read(Bytes plaintext, String requestId) {
        Members members = Padding.read(plaintext, Padding.QUESTION);
        return new QuestionReader().read(members, plaintext, requestId);
    }

    /** Reads a question that its platform has kept, or a receipt carries. One that is not understood is refused. */
    static Question readOwn(Bytes plaintext) {
        String requestId = Padding.read(plaintext, Padding.QUESTION)
                .text("request_id")
                .orElseThrow(() -> new Refusal(Reason.QUESTION_MEMBER));
        return switch (read(plaintext, requestId)) {
            case ReceivedQuestion.Understood(Question question, Bytes _) -> question;
            case ReceivedQuestion.NotUnderstood _ -> throw new Refusal(Reason.QUESTION_MEMBER);
        };
    }

    private ReceivedQuestion read(Members members, Bytes plaintext, String requestId) {
        MemberReader json = new MemberReader(members, Reason.QUESTION_MEMBER);
        long version = json.whole("v");
        String id = json.text("request_id");
        long issuedAt = json.whole("issued_at");
        long expiresAt = json.whole("expires_at");
        json.unless(Texts.isRequestId(id));
        long lifetime = expiresAt - issuedAt;
        Refusal.unless(lifetime > 0 && lifetime <= Question.MAX_LIFETIME, Reason.QUESTION_TIMES);
        Refusal.unless(id.equals(requestId), Reason.WRONG_REQUEST);
        if (version != 1) {
            return new ReceivedQuestion.NotUnderstood(id, issuedAt, expiresAt, List.of("v"), members, plaintext);
        }
        Optional<Intent> intent = known("intent", json.text("intent"), Intent::ofCode);
        String action = json.text("action");
        bounds(Texts.isWithin(action, 1, 200));
        Optional<Severity> severity = known("severity", json.text("severity"), Severity::ofCode);
        Optional<Assurance> assurance = known("assurance", json.text("assurance"), Assurance::ofCode);
        Optional<String> description = json.optionalText("description");
        Optional<String> reasoning = json.optionalText("reasoning");
        Optional<Context> context = json.optionalObject("context").map(this::context);
        List<Parameter> parameters = list(json, "parameters", MAX_PARAMETERS, this::parameter);
        List<Optional<Detail>> details = list(json, "details", MAX_DETAILS, this::detail);
        List<Choice> choices = list(json, "choices", Question.MAX_CHOICES, this::choice);
        distinct(choices, Choice::id);
        List<Optional<Field>> fields =
                json.optionalObject("schema").map(this::fields).orElse(List.of());
        if (intent.isPresent()) {
            json.unless(json.has("schema") == (intent.get() == Intent.COLLECT));
            json.unless(!json.has("choices") || intent.get() == Intent.AUTHORIZE);
        }
        note("", json);
        if (!unknown.isEmpty()) {
            return new ReceivedQuestion.NotUnderstood(
                    id, issuedAt, expiresAt, List.copyOf(unknown), members, plaintext);
        }
        Question question = new Question(
                intent.orElseThrow(),
                id,
                issuedAt,
                expiresAt,
                action,
                severity.orElseThrow(),
                assurance.orElseThrow(),
                description,
                reasoning,
                context,
                parameters,
                details.stream().map(Optional::orElseThrow).toList(),
                choices,
                fields.stream().map(Optional::orElseThrow).toList());
        return new ReceivedQuestion.Understood(question, plaintext);
    }

    private Context context(MemberReader json) {
        Context context = new Context(
                json.optionalText("agent"),
                json.optionalText("host"),
                json.optionalText("directory"),
                json.optionalText("session"));
        note("context.", json);
        return context;
    }

    private Parameter parameter(MemberReader json, String path) {
        Parameter parameter = new Parameter(json.text("name"), json.text("value"));
        bounds(Texts.isWithin(parameter.name(), 1, 100));
        note(path, json);
        return parameter;
    }

    private Optional<Detail> detail(MemberReader json, String path) {
        String label = json.text("label");
        bounds(Texts.isWithin(label, 1, 100));
        Optional<Format> format =
                known(path + "format", json.text("format"), code -> Codes.find(Format.values(), Format::code, code));
        String text = json.text("text");
        note(path, json);
        return format.map(known -> new Detail(label, known, text));
    }

    private Choice choice(MemberReader json, String path) {
        Choice choice = new Choice(json.text("id"), json.text("rule"));
        bounds(Choice.isId(choice.id()) && Texts.isWithin(choice.rule(), 1, Choice.MAX_RULE));
        note(path, json);
        return choice;
    }

    private List<Optional<Field>> fields(MemberReader schema) {
        List<Optional<Field>> fields = list(schema, "fields", MAX_FIELDS, (field, at) -> field(field, "schema." + at));
        schema.unless(schema.has("fields"));
        bounds(!fields.isEmpty());
        distinct(fields.stream().flatMap(Optional::stream).toList(), Field::name);
        note("schema.", schema);
        return fields;
    }

    private Optional<Field> field(MemberReader json, String path) {
        String name = json.text("name");
        String label = json.text("label");
        bounds(Texts.isIdentifier(name) && Texts.isWithin(label, 1, 200));
        boolean required = json.flag("required");
        Optional<FieldType> type =
                known(path + "type", json.text("type"), code -> Codes.find(FieldType.values(), FieldType::code, code));
        List<Option> options = list(json, "options", MAX_OPTIONS, (option, at) -> option(option, path + at));
        distinct(options, Option::value);
        type.ifPresent(known -> {
            json.unless(json.has("options") == known.hasOptions());
            bounds(!known.hasOptions() || !options.isEmpty());
        });
        note(path, json);
        return type.map(known -> new Field(name, known, label, required, options));
    }

    private Option option(MemberReader json, String path) {
        Option option = new Option(json.text("value"), json.text("label"));
        bounds(Texts.isWithin(option.value(), 1, 100) && Texts.isWithin(option.label(), 1, 200));
        note(path, json);
        return option;
    }

    private <E> Optional<E> known(String path, String code, Function<String, Optional<E>> find) {
        Optional<E> value = find.apply(code);
        if (value.isEmpty()) {
            unknown.add(path);
        }
        return value;
    }

    private void note(String path, MemberReader json) {
        json.untaken().forEach(name -> unknown.add(path + name));
    }

    private static <T> List<T> list(
            MemberReader json, String name, int most, BiFunction<MemberReader, String, T> read) {
        List<JsonTree> items = json.optionalItems(name);
        bounds(items.size() <= most);
        List<T> values = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            MemberReader item = MemberReader.of(items.get(i), Reason.QUESTION_MEMBER);
            values.add(read.apply(item, name + "." + i + "."));
        }
        return List.copyOf(values);
    }

    private static <T> void distinct(List<T> values, Function<T, String> key) {
        Set<String> keys = new HashSet<>();
        bounds(values.stream().map(key).allMatch(keys::add));
    }

    private static void bounds(boolean condition) {
        Refusal.unless(condition, Reason.QUESTION_BOUNDS);
    }
}
