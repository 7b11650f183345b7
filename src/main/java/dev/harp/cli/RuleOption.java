package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.Ask;
import dev.harp.message.Question;
import dev.harp.message.Question.Choice;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** The option that offers rules with a request for approval. */
final class RuleOption {
    @Option(
            names = "--rule",
            paramLabel = "ID=TEXT",
            description = "A rule that the person may set with an approval, such as staging='Any deploy to staging'."
                    + " The answer names its ID (1 to 64 of a-z, 0-9 and _) as the choice; nothing but the agent keeps"
                    + " the rule. May be repeated, up to 8 rules.")
    private List<String> rules = new ArrayList<>();

    /** The ask with these rules; wrong usage if they are out of the bounds of a question. */
    Ask applied(Ask bare) {
        if (rules.isEmpty()) {
            return bare;
        }
        if (rules.size() > Question.MAX_CHOICES) {
            throw Failure.usage(
                    "--rule: " + rules.size() + " are given, and at most " + Question.MAX_CHOICES + " are allowed");
        }
        List<Choice> choices = rules.stream().map(RuleOption::choice).toList();
        Set<String> ids = new HashSet<>();
        for (Choice choice : choices) {
            if (!ids.add(choice.id())) {
                throw Failure.usage("--rule: the id '" + choice.id() + "' is given twice");
            }
        }
        return bare.with(question -> question.choices(choices));
    }

    private static Choice choice(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw Failure.usage("--rule: '" + Printable.line(text) + "' is not ID=TEXT");
        }
        Choice choice = new Choice(text.substring(0, equals), text.substring(equals + 1));
        if (!Choice.isId(choice.id())) {
            throw Failure.usage(
                    "--rule: '" + Printable.line(choice.id()) + "' is no id, which is 1 to 64 of a-z, 0-9 and _");
        }
        int bytes = choice.rule().getBytes(UTF_8).length;
        if (bytes < 1 || bytes > Choice.MAX_RULE) {
            throw Failure.usage("--rule: the text of '" + choice.id() + "' has " + bytes + " bytes, and 1 to "
                    + Choice.MAX_RULE + " are allowed");
        }
        return choice;
    }
}
