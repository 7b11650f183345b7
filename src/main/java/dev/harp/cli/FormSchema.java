package dev.harp.cli;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Flag;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import dev.harp.message.Question.Option;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Reads a form: {@code {"fields":[{"name","type","label","required","options":[{"value","label"}]}]}}. */
final class FormSchema {
    private final String source;

    /** @param source where the form comes from, for errors */
    FormSchema(String source) {
        this.source = source;
    }

    /** The fields, of which the bounds are not checked here; a failure if a member is missing or of another type. */
    List<Field> fields(Members schema) {
        List<Field> fields = new ArrayList<>();
        for (JsonTree item : items(schema, "fields")) {
            Members field = members(item, "fields");
            List<Option> options = new ArrayList<>();
            for (JsonTree option : items(field, "options")) {
                Members each = members(option, "options");
                String value = text(each, "value");
                options.add(new Option(value, each.text("label").orElse(value)));
            }
            String name = text(field, "name");
            boolean required =
                    field.get("required").filter(new Flag(true)::equals).isPresent();
            fields.add(new Field(
                    name, type(text(field, "type")), field.text("label").orElse(name), required, options));
        }
        return fields;
    }

    private FieldType type(String word) {
        return Arrays.stream(FieldType.values())
                .filter(type -> type.code().equals(word))
                .findFirst()
                .orElseThrow(() -> bad("type '" + Printable.line(word) + "' is none of "
                        + Arrays.stream(FieldType.values()).map(FieldType::code).collect(Collectors.joining(", "))));
    }

    private List<JsonTree> items(Members in, String name) {
        return switch (in.get(name).orElse(new Items(List.of()))) {
            case Items(List<JsonTree> values) -> values;
            default -> throw bad(name + " is no array");
        };
    }

    private Members members(JsonTree tree, String name) {
        if (tree instanceof Members members) {
            return members;
        }
        throw bad("an entry of " + name + " is no object");
    }

    private String text(Members in, String name) {
        return in.text(name).orElseThrow(() -> bad(name + " is missing, or no text"));
    }

    private Failure bad(String what) {
        return Failure.usage(source + ": " + what);
    }
}
