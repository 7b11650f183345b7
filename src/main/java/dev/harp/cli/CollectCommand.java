package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Flag;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import dev.harp.message.Question.Option;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "collect", description = "Asks the person to fill in a form, and waits for it.")
final class CollectCommand extends BaseCommand {
    @Mixin
    private AskOptions options = new AskOptions();

    @Mixin
    private ReceiptOption receipt = new ReceiptOption();

    @picocli.CommandLine.Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @picocli.CommandLine.Option(
            names = "--action",
            required = true,
            paramLabel = "TEXT",
            description = "What is asked for, in a few words.")
    private String action = "";

    @picocli.CommandLine.Option(
            names = "--description",
            paramLabel = "TEXT",
            description = "What that means, for the person.")
    private Optional<String> description = Optional.empty();

    @picocli.CommandLine.Option(
            names = "--field",
            paramLabel = "NAME=LABEL",
            description = "A required line of text; may be repeated.")
    private List<String> texts = new ArrayList<>();

    @picocli.CommandLine.Option(
            names = "--schema",
            paramLabel = "FILE",
            description =
                    "A form as JSON: {\"fields\":[{\"name\",\"type\",\"label\",\"required\",\"options\"}]}; type is"
                            + " text, number, select or several; options are {\"value\",\"label\"}.")
    private Optional<Path> schema = Optional.empty();

    CollectCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        List<Field> fields = new ArrayList<>();
        schema.ifPresent(file -> fields.addAll(read(file)));
        texts.forEach(text -> fields.add(textField(text)));
        if (fields.isEmpty()) {
            throw Failure.usage("a form needs a field: --field NAME=LABEL, or --schema FILE");
        }
        Ask ask = options.applied(Ask.collect(action, options.ttl(), fields), context, description);
        receipt.check();
        return new Asking(context, options.name).ask(ask, new Report(terminal(), json, receipt)::print);
    }

    private static Field textField(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw Failure.usage("--field: '" + Printable.line(text) + "' is not NAME=LABEL");
        }
        return new Field(text.substring(0, equals), FieldType.TEXT, text.substring(equals + 1), true, List.of());
    }

    private static List<Field> read(Path file) {
        byte[] json = AskOptions.text("--schema", file).getBytes(StandardCharsets.UTF_8);
        Members schema = ExactJson.readAny(json).orElseThrow(() -> bad("no JSON object"));
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

    private static FieldType type(String word) {
        return Arrays.stream(FieldType.values())
                .filter(type -> type.code().equals(word))
                .findFirst()
                .orElseThrow(() -> bad("type '" + Printable.line(word) + "' is none of "
                        + Arrays.stream(FieldType.values()).map(FieldType::code).collect(Collectors.joining(", "))));
    }

    private static List<JsonTree> items(Members in, String name) {
        return switch (in.get(name).orElse(new Items(List.of()))) {
            case Items(List<JsonTree> values) -> values;
            default -> throw bad(name + " is no array");
        };
    }

    private static Members members(JsonTree tree, String name) {
        if (tree instanceof Members members) {
            return members;
        }
        throw bad("an entry of " + name + " is no object");
    }

    private static String text(Members in, String name) {
        return in.text(name).orElseThrow(() -> bad(name + " is missing, or no text"));
    }

    private static Failure bad(String what) {
        return Failure.usage("--schema: " + what);
    }
}
