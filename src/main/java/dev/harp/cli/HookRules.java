package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.message.Question;
import dev.harp.message.Question.Choice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The rules that Claude Code suggests to keep, as choices of an approval. What a person chooses goes back to the agent
 * as it came. A rule whose words do not fit a choice is not offered: a person must not set what cannot be read.
 */
final class HookRules {
    private static final String ALL = "all";
    private static final String ONE = "rule_";

    /** With the choice of all of them as many as a question can have. */
    private static final int MOST = Question.MAX_CHOICES - 1;

    private final List<JsonTree> suggestions;

    HookRules(HookEvent event) {
        this.suggestions = event.suggestions();
    }

    /** Nothing if there are too many to show each. */
    List<Choice> choices() {
        List<Choice> choices = new ArrayList<>();
        if (suggestions.size() > MOST) {
            return choices;
        }
        List<String> texts = suggestions.stream().map(HookRules::text).toList();
        String all = String.join("; ", texts);
        if (texts.size() > 1 && fits(all)) {
            choices.add(new Choice(ALL, all));
        }
        for (int i = 0; i < texts.size(); i++) {
            if (fits(texts.get(i))) {
                choices.add(new Choice(ONE + (i + 1), texts.get(i)));
            }
        }
        return choices;
    }

    private static boolean fits(String rule) {
        return rule.getBytes(UTF_8).length <= Choice.MAX_RULE;
    }

    /** What belongs to the choice of an answer, which was one of {@link #choices}. */
    List<JsonTree> chosen(String id) {
        return id.equals(ALL)
                ? suggestions
                : List.of(suggestions.get(Integer.parseInt(id.substring(ONE.length())) - 1));
    }

    /** In words if the form is known to the last member, else as the agent wrote it. */
    private static String text(JsonTree suggestion) {
        if (suggestion instanceof Members members) {
            String where = members.text("destination").map(HookRules::place).orElse("");
            Optional<String> words = switch (members.text("type").orElse("")) {
                case "addRules" ->
                    members.text("behavior")
                            .filter("allow"::equals)
                            .flatMap(_ -> list(members, "rules", HookRules::rule));
                case "addDirectories" ->
                    list(members, "directories", HookRules::plain).map(names -> "work in " + names);
                case "setMode" -> members.text("mode").map(mode -> "the mode " + mode);
                default -> Optional.empty();
            };
            int known = members.text("type").orElse("").equals("addRules") ? 4 : 3;
            if (words.isPresent() && !where.isEmpty() && members.values().size() == known) {
                return words.get() + ", " + where;
            }
        }
        return HookQuestion.json(suggestion);
    }

    private static String place(String destination) {
        return switch (destination) {
            case "session", "cliArg" -> "in this session";
            case "localSettings" -> "in this project, for you";
            case "projectSettings" -> "in this project, for everybody";
            case "userSettings" -> "in all of your projects";
            default -> "";
        };
    }

    private interface Words {
        Optional<String> of(JsonTree value);
    }

    /** Nothing if one of them is of another form. */
    private static Optional<String> list(Members in, String name, Words words) {
        if (!(in.get(name).orElse(new Text("")) instanceof Items(List<JsonTree> values)) || values.isEmpty()) {
            return Optional.empty();
        }
        List<Optional<String>> each = values.stream().map(words::of).toList();
        return each.stream().allMatch(Optional::isPresent)
                ? Optional.of(each.stream().map(Optional::orElseThrow).collect(Collectors.joining(", ")))
                : Optional.empty();
    }

    private static Optional<String> plain(JsonTree value) {
        return value instanceof Text(String text) ? Optional.of(text) : Optional.empty();
    }

    private static Optional<String> rule(JsonTree value) {
        if (!(value instanceof Members members)) {
            return Optional.empty();
        }
        Optional<String> tool = members.text("toolName");
        Optional<String> content = members.text("ruleContent");
        return switch (members.values().size()) {
            case 1 -> tool.map(name -> "every use of " + name);
            case 2 -> tool.flatMap(name -> content.map(text -> name + "(" + text + ")"));
            default -> Optional.empty();
        };
    }
}
