package dev.harp.cli;

import dev.harp.client.Inbox;
import dev.harp.json.ExactJson;
import dev.harp.message.Question;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.Option;
import dev.harp.message.ReceivedQuestion;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A question for a terminal: everything that was asked, nothing cut, nothing interpreted. */
final class CardText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");

    private CardText() {}

    static List<String> lines(Inbox.Card card) {
        List<String> lines = new ArrayList<>();
        lines.add("---- " + card.requestId() + " from "
                + Printable.line(card.pairing().hello().name()) + " on "
                + Printable.line(card.pairing().hello().host()));
        switch (card.question()) {
            case ReceivedQuestion.Understood(Question question, var _) -> add(lines, question);
            case ReceivedQuestion.NotUnderstood(var _, var _, var _, var unknown, var members, var _) -> {
                lines.add("NOT UNDERSTOOD: this version does not know " + Printable.line(String.join(", ", unknown))
                        + ". It can only be denied.");
                lines.add(Printable.line(new String(ExactJson.write(members), StandardCharsets.UTF_8)));
            }
        }
        lines.add("until "
                + TIME.format(Instant.ofEpochSecond(card.question().expiresAt()).atZone(ZoneId.systemDefault())));
        card.notNow().ifPresent(reason -> lines.add("CANNOT BE DECIDED NOW: " + reason.code()));
        card.decided().ifPresent(_ -> lines.add("decided already; deciding again sends that decision again"));
        return lines;
    }

    private static void add(List<String> lines, Question question) {
        lines.add(question.intent().code() + ", severity " + question.severity().code() + ", asks for "
                + question.assurance().code());
        lines.add("action: " + Printable.line(question.action()));
        question.description().ifPresent(text -> block(lines, "description", text));
        question.parameters()
                .forEach(parameter -> block(lines, "parameter " + Printable.line(parameter.name()), parameter.value()));
        for (Detail detail : question.details()) {
            block(lines, Printable.line(detail.label()) + " (" + detail.format().code() + ")", detail.text());
        }
        for (Field field : question.fields()) {
            String options = field.options().stream()
                    .map(Option::value)
                    .map(Printable::line)
                    .collect(Collectors.joining(", "));
            lines.add("field " + field.name() + " (" + field.type().code() + (field.required() ? ", required" : "")
                    + "): " + Printable.line(field.label()) + (options.isEmpty() ? "" : " [" + options + "]"));
        }
        question.choices().forEach(choice -> lines.add("choice " + choice.id() + ": " + Printable.line(choice.rule())));
        question.reasoning().ifPresent(text -> block(lines, "reasoning", text));
        question.context().ifPresent(context -> {
            context.agent().ifPresent(text -> lines.add("agent: " + Printable.line(text)));
            context.host().ifPresent(text -> lines.add("host: " + Printable.line(text)));
            context.directory().ifPresent(text -> lines.add("directory: " + Printable.line(text)));
            context.session().ifPresent(text -> lines.add("session: " + Printable.line(text)));
        });
    }

    /** Each further line is indented, so that no text can pass for a line of the card. */
    private static void block(List<String> lines, String label, String text) {
        String shown = Printable.block(text);
        if (shown.indexOf('\n') < 0) {
            lines.add(label + ": " + shown);
            return;
        }
        lines.add(label + ":");
        shown.lines().forEach(line -> lines.add("    " + line));
    }
}
