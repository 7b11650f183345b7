package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.Ask;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Foreign;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.json.JsonTree.Whole;
import dev.harp.message.Question;
import dev.harp.message.Question.Choice;
import dev.harp.message.Question.Context;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.Format;
import dev.harp.message.Question.Parameter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The arguments of a tool, as a model has written them. What is wrong with them is a failure that tells the model. */
final class McpArguments {
    private static final int LONGEST_ACTION = 200;
    private static final int USUAL_TTL = 300;
    private static final int LONGEST_QUOTE = 80;

    private final Members arguments;
    private final String path;

    /** @param names those that are allowed */
    McpArguments(Members arguments, Set<String> names) {
        this(arguments, "", names);
    }

    private McpArguments(Members arguments, String path, Set<String> names) {
        this.arguments = arguments;
        this.path = path;
        for (String name : arguments.values().keySet()) {
            if (!names.contains(name)) {
                throw Failure.usage(path + Printable.line(name) + " is no argument; allowed are "
                        + String.join(", ", names.stream().sorted().toList()));
            }
        }
    }

    String text(String name) {
        return optionalText(name).orElseThrow(() -> Failure.usage(path + name + " is missing; it has to be a text"));
    }

    Optional<String> optionalText(String name) {
        return optional(
                name, "a text", value -> value instanceof Text(String text) ? Optional.of(text) : Optional.empty());
    }

    /** The member, which may be {@code null} instead of absent: models write both. */
    private <T> Optional<T> optional(String name, String allowed, Function<JsonTree, Optional<T>> form) {
        Optional<JsonTree> given = arguments.get(name).filter(value -> !value.equals(new Foreign("null")));
        return given.map(value -> form.apply(value)
                .orElseThrow(() -> Failure.usage(path + name + " is " + quoted(value) + ", which is not " + allowed)));
    }

    private static String quoted(JsonTree value) {
        String text = json(value);
        return Printable.line(text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...");
    }

    private static String json(JsonTree value) {
        return new String(ExactJson.writeAny(value), UTF_8);
    }

    /** What may be done, told or asked for, of 1 to 200 bytes. */
    String action() {
        String action = text("action");
        int bytes = action.getBytes(UTF_8).length;
        if (bytes < 1 || bytes > LONGEST_ACTION) {
            throw Failure.usage("action has " + bytes + " bytes, and 1 to " + LONGEST_ACTION
                    + " are allowed; put the rest into description or details");
        }
        return action;
    }

    Duration ttl() {
        long seconds = optional(
                        "ttl",
                        "a whole number of seconds from 1 to " + Question.MAX_LIFETIME,
                        value -> value instanceof Whole(long whole) && whole >= 1 && whole <= Question.MAX_LIFETIME
                                ? Optional.of(whole)
                                : Optional.empty())
                .orElse((long) USUAL_TTL);
        return Duration.ofSeconds(seconds);
    }

    /** The fields of the form. */
    List<Field> fields() {
        Members schema = optional("schema", "an object", McpArguments::members)
                .orElseThrow(() -> Failure.usage("schema is missing; it has to be an object with fields"));
        List<Field> fields = new FormSchema("schema").fields(schema);
        if (fields.isEmpty()) {
            throw Failure.usage("schema has no fields; at least one is needed");
        }
        return fields;
    }

    /**
     * The ask with everything that the arguments say of it.
     *
     * @param origin where it comes from, as far as the arguments do not say
     */
    Ask applied(Ask bare, Context origin) {
        Context context = optional("context", "an object", McpArguments::members)
                .map(given ->
                        context(new McpArguments(given, "context.", Set.of("agent", "directory", "session")), origin))
                .orElse(origin);
        Optional<String> description = optionalText("description");
        Optional<String> reasoning = optionalText("reasoning");
        List<Parameter> parameters = optional("parameters", "an object", McpArguments::members)
                .map(given -> given.values().entrySet().stream()
                        .map(McpArguments::parameter)
                        .toList())
                .orElse(List.of());
        List<Detail> details = list("details", Set.of("label", "format", "text"), McpArguments::detail);
        List<Choice> choices =
                list("choices", Set.of("id", "rule"), given -> new Choice(given.text("id"), given.text("rule")));
        Ask ask = bare.with(question -> {
            description.ifPresent(question::description);
            reasoning.ifPresent(question::reasoning);
            return question.context(context)
                    .parameters(parameters)
                    .details(details)
                    .choices(choices);
        });
        Ask severe = optionalText("severity")
                .map(level -> ask.severity(Words.severity("severity", level)))
                .orElse(ask);
        return optionalText("assurance")
                .map(kind -> severe.assurance(Words.assurance("assurance", kind)))
                .orElse(severe);
    }

    private static Context context(McpArguments given, Context origin) {
        return new Context(
                given.optionalText("agent").or(origin::agent),
                origin.host(),
                given.optionalText("directory").or(origin::directory),
                given.optionalText("session").or(origin::session));
    }

    /** A text stands for itself; of anything else the person sees the JSON. */
    private static Parameter parameter(Map.Entry<String, JsonTree> given) {
        return new Parameter(
                given.getKey(), given.getValue() instanceof Text(String text) ? text : json(given.getValue()));
    }

    private static Detail detail(McpArguments given) {
        String format = given.optionalText("format").orElse(Format.CODE.code());
        return new Detail(
                given.text("label"),
                Arrays.stream(Format.values())
                        .filter(each -> each.code().equals(format))
                        .findFirst()
                        .orElseThrow(() -> Failure.usage(
                                "details: format '" + Printable.line(format) + "' is none of text, code, diff")),
                given.text("text"));
    }

    private <T> List<T> list(String name, Set<String> names, Function<McpArguments, T> read) {
        List<JsonTree> items = optional(name, "an array", McpArguments::items).orElse(List.of());
        return items.stream()
                .map(item -> members(item)
                        .orElseThrow(() ->
                                Failure.usage("an entry of " + name + " is " + quoted(item) + ", which is no object")))
                .map(members -> read.apply(new McpArguments(members, name + ": ", names)))
                .toList();
    }

    private static Optional<Members> members(JsonTree value) {
        return value instanceof Members members ? Optional.of(members) : Optional.empty();
    }

    private static Optional<List<JsonTree>> items(JsonTree value) {
        return value instanceof Items(List<JsonTree> values) ? Optional.of(values) : Optional.empty();
    }
}
