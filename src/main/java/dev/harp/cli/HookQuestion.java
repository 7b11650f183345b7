package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.Ask;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.message.Question;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Format;
import dev.harp.message.Question.Parameter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a person is asked when an agent wants to use a tool: all of the tool's input, whatever the tool is. Nothing is
 * cut; what does not fit a question is refused when it is sent.
 */
final class HookQuestion {
    private static final int LONGEST_ACTION = 200;
    private static final int LONGEST_TOOL = 150;
    private static final int LONGEST_NAME = 100;
    private static final int MAX_PARAMETERS = 100;
    private static final int MAX_DETAILS = 16;

    /** Longer texts are shown as details. */
    private static final int LONGEST_PARAMETER = 200;

    /** Members of an input that say best what it is about, if it has one of them. */
    private static final List<String> SUBJECTS = List.of("command", "file_path", "notebook_path", "url", "query");

    private final HookEvent event;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Detail> details = new ArrayList<>();
    private Optional<String> reasoning = Optional.empty();

    private HookQuestion(HookEvent event) {
        this.event = event;
    }

    /** May the agent use this tool with this input? */
    static Ask authorize(HookEvent event, Duration ttl) {
        HookQuestion question = new HookQuestion(event);
        question.readInput();
        return Ask.authorize(question.action(), ttl).with(question::parts);
    }

    private Question.Builder parts(Question.Builder question) {
        reasoning.ifPresent(question::reasoning);
        return question.parameters(parameters).details(details);
    }

    private String action() {
        String tool = event.tool();
        if (!isLine(tool, LONGEST_TOOL)) {
            throw HookEvent.bad("tool_name is not one line of 1 to " + LONGEST_TOOL + " bytes");
        }
        return SUBJECTS.stream()
                .filter(name -> event.input().text(name).isPresent())
                .findFirst()
                .map(name -> action(name, event.input().text(name).orElseThrow()))
                .orElse("Use " + tool);
    }

    /** The text itself, or how long it is: the beginning of a command says nothing about its end. */
    private String action(String name, String text) {
        String whole = event.tool() + ": " + text;
        if (isLine(whole, LONGEST_ACTION)) {
            return whole;
        }
        long lines = text.lines().count();
        String length = lines > 1 ? lines + " lines" : text.length() + " characters";
        return event.tool() + ": " + name + " of " + length;
    }

    private static boolean isLine(String text, int most) {
        return text.getBytes(UTF_8).length <= most && isLine(text);
    }

    private void readInput() {
        Map<String, JsonTree> input = event.input().values();
        Optional<Detail> change = change("Change", event.input());
        change.ifPresent(details::add);
        input.forEach((name, value) -> {
            switch (value) {
                case Text(String text)
                when name.equals("command") -> details.add(new Detail("Command", Format.CODE, text));
                // The agent says of itself what its command does.
                case Text(String text)
                when name.equals("description") && input.containsKey("command") -> reasoning = Optional.of(text);
                case Text _ when change.isPresent() && (name.equals("old_string") || name.equals("new_string")) -> {}
                case JsonTree.Items(List<JsonTree> edits)
                when name.equals("edits") && areChanges(edits) ->
                    edits.forEach(edit ->
                            change("Change " + (details.size() + 1), edit).ifPresent(details::add));
                case Text(String text) when isLong(text) -> details.add(new Detail(name, Format.CODE, text));
                case Text(String text) -> parameters.add(new Parameter(name, text));
                default -> {
                    String text = json(value);
                    if (isLong(text)) {
                        details.add(new Detail(name, Format.CODE, text));
                    } else {
                        parameters.add(new Parameter(name, text));
                    }
                }
            }
        });
        boolean named = input.keySet().stream()
                .allMatch(name -> !name.isEmpty() && name.getBytes(UTF_8).length <= LONGEST_NAME);
        if (!named || parameters.size() > MAX_PARAMETERS || details.size() > MAX_DETAILS) {
            parameters.clear();
            details.clear();
            details.add(new Detail("Input", Format.CODE, json(event.input())));
        }
    }

    static String json(JsonTree value) {
        return new String(ExactJson.writeAny(value), UTF_8);
    }

    private static boolean isLong(String text) {
        return text.length() > LONGEST_PARAMETER || !isLine(text);
    }

    private static boolean isLine(String text) {
        return text.indexOf('\n') < 0 && text.indexOf('\r') < 0;
    }

    /** Whether each is two texts and nothing else, which a diff would not show. */
    private static boolean areChanges(List<JsonTree> edits) {
        return edits.stream()
                .allMatch(edit -> edit instanceof Members(var members)
                        && members.size() == 2
                        && change("", edit).isPresent());
    }

    /** An edit as a diff, if it has both texts. */
    private static Optional<Detail> change(String label, JsonTree edit) {
        if (!(edit instanceof Members members)) {
            return Optional.empty();
        }
        Optional<String> before = members.text("old_string");
        Optional<String> after = members.text("new_string");
        if (before.isEmpty() || after.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Detail(label, Format.DIFF, diff(before.get(), after.get())));
    }

    /** All lines of both texts; those that both begin or end with are context. */
    static String diff(String before, String after) {
        List<String> old = List.of(before.split("\n", -1));
        List<String> now = List.of(after.split("\n", -1));
        int shorter = Math.min(old.size(), now.size());
        int first = 0;
        while (first < shorter && old.get(first).equals(now.get(first))) {
            first++;
        }
        int last = 0;
        while (last < shorter - first && old.get(old.size() - 1 - last).equals(now.get(now.size() - 1 - last))) {
            last++;
        }
        List<String> lines = new ArrayList<>();
        old.subList(0, first).forEach(line -> lines.add(" " + line));
        old.subList(first, old.size() - last).forEach(line -> lines.add("-" + line));
        now.subList(first, now.size() - last).forEach(line -> lines.add("+" + line));
        old.subList(old.size() - last, old.size()).forEach(line -> lines.add(" " + line));
        return String.join("\n", lines);
    }
}
