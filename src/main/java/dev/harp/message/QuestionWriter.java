package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Question.Choice;
import dev.harp.message.Question.Context;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.Parameter;
import java.util.List;
import java.util.function.Function;

/** Writes a question's members; what is empty is left out. */
final class QuestionWriter {
    private QuestionWriter() {}

    static Members write(Question question) {
        var json = JsonTree.object()
                .add("v", 1)
                .add("intent", question.intent().code())
                .add("request_id", question.requestId())
                .add("issued_at", question.issuedAt())
                .add("expires_at", question.expiresAt())
                .add("action", question.action())
                .add("severity", question.severity().code())
                .add("assurance", question.assurance().code())
                .add("description", question.description())
                .add("reasoning", question.reasoning());
        question.context().ifPresent(context -> json.add("context", context(context)));
        add(json, "parameters", question.parameters(), QuestionWriter::parameter);
        add(json, "details", question.details(), QuestionWriter::detail);
        add(json, "choices", question.choices(), QuestionWriter::choice);
        if (!question.fields().isEmpty()) {
            json.add("schema", schema(question.fields()));
        }
        return json.build();
    }

    private static <T> void add(JsonTree.Builder json, String name, List<T> values, Function<T, Members> write) {
        if (!values.isEmpty()) {
            json.add(name, values.stream().map(write).toList());
        }
    }

    private static Members context(Context context) {
        return JsonTree.object()
                .add("agent", context.agent())
                .add("host", context.host())
                .add("directory", context.directory())
                .add("session", context.session())
                .build();
    }

    private static Members parameter(Parameter parameter) {
        return JsonTree.object()
                .add("name", parameter.name())
                .add("value", parameter.value())
                .build();
    }

    private static Members detail(Detail detail) {
        return JsonTree.object()
                .add("label", detail.label())
                .add("format", detail.format().code())
                .add("text", detail.text())
                .build();
    }

    private static Members choice(Choice choice) {
        return JsonTree.object()
                .add("id", choice.id())
                .add("rule", choice.rule())
                .build();
    }

    private static Members schema(List<Field> fields) {
        var json = JsonTree.object();
        add(json, "fields", fields, QuestionWriter::field);
        return json.build();
    }

    private static Members field(Field field) {
        var json = JsonTree.object()
                .add("name", field.name())
                .add("type", field.type().code())
                .add("label", field.label())
                .add("required", field.required());
        add(
                json,
                "options",
                field.options(),
                option -> JsonTree.object()
                        .add("value", option.value())
                        .add("label", option.label())
                        .build());
        return json.build();
    }
}
