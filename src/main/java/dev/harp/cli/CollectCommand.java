package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "collect", description = "Asks the person to fill in a form, and waits for it.")
final class CollectCommand extends BaseCommand {
    @Mixin
    private AskOptions options = new AskOptions();

    @Mixin
    private ReceiptOption receipt = new ReceiptOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--action",
            required = true,
            paramLabel = "TEXT",
            description = "What is asked for, in a few words.")
    private String action = "";

    @Option(names = "--description", paramLabel = "TEXT", description = "What that means, for the person.")
    private Optional<String> description = Optional.empty();

    @Option(names = "--field", paramLabel = "NAME=LABEL", description = "A required line of text; may be repeated.")
    private List<String> texts = new ArrayList<>();

    @Option(
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
        Members schema = ExactJson.readAny(json).orElseThrow(() -> Failure.usage("--schema: no JSON object"));
        return new FormSchema("--schema").fields(schema);
    }
}
