package dev.harp.cli;

import dev.harp.client.Inbox;
import dev.harp.json.ExactJson;
import dev.harp.message.Question;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.Option;
import dev.harp.message.ReceivedQuestion;
import java.lang.Character.UnicodeScript;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A question for a terminal: everything that was asked, nothing cut, nothing interpreted. A row begins with a word of
 * this program, with four blanks before a line of a text, or with {@code +} before the rest of a line that is too long
 * for one row. So no text can pass for a row of the card, however wide the terminal is.
 */
final class CardText {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final String LINE = "    ";
    private static final String REST = "  + ";
    private static final int MOST_BLANK_LINES = 2;
    private static final int FIRST_WIDE = 0x300;

    /** Scripts that are written together. */
    private static final Set<UnicodeScript> TOGETHER = Set.of(
            UnicodeScript.LATIN,
            UnicodeScript.HAN,
            UnicodeScript.HIRAGANA,
            UnicodeScript.KATAKANA,
            UnicodeScript.HANGUL,
            UnicodeScript.BOPOMOFO);

    private final int columns;
    private final List<String> rows = new ArrayList<>();

    private CardText(int columns) {
        this.columns = columns;
    }

    /** What names a question with its exact text, for a decision by whoever has read it. */
    static String reference(Inbox.Card card) {
        return card.requestId() + "@" + card.question().digest().base64();
    }

    static List<String> lines(Inbox.Card card, int columns) {
        CardText text = new CardText(columns);
        text.add(card);
        return text.rows;
    }

    /** One line of others' text, of as many rows as it needs. */
    static List<String> lines(String text, int columns) {
        CardText rows = new CardText(columns);
        rows.line(text);
        return rows.rows;
    }

    private void add(Inbox.Card card) {
        line("---- " + card.requestId() + " of " + card.pairing().pairId() + ", which calls itself '"
                + card.pairing().hello().name() + "' on '"
                + card.pairing().hello().host() + "'");
        switch (card.question()) {
            case ReceivedQuestion.Understood(Question question, var _) -> add(question);
            case ReceivedQuestion.NotUnderstood(var _, var _, var _, var unknown, var members, var _) -> {
                line("NOT UNDERSTOOD: this version does not know " + String.join(", ", unknown)
                        + ". It can only be denied.");
                line("question: " + new String(ExactJson.write(members), StandardCharsets.UTF_8));
            }
        }
        line("until "
                + TIME.format(Instant.ofEpochSecond(card.question().expiresAt()).atZone(ZoneId.systemDefault())));
        card.notNow().ifPresent(reason -> line("CANNOT BE DECIDED NOW: " + reason.code()));
        card.decided().ifPresent(_ -> line("decided already; deciding again sends that decision again"));
        // Never wrapped, so that it can be copied.
        rows.add("to decide: " + reference(card));
    }

    private void add(Question question) {
        line(question.intent().code() + ", severity " + question.severity().code() + ", asks for "
                + question.assurance().code());
        line("action: " + question.action());
        question.description().ifPresent(text -> block("description", text));
        question.parameters().forEach(parameter -> block("parameter " + parameter.name(), parameter.value()));
        for (Detail detail : question.details()) {
            block("detail " + detail.label() + " (" + detail.format().code() + ")", detail.text());
        }
        for (Field field : question.fields()) {
            String options = field.options().stream().map(Option::value).collect(Collectors.joining(", "));
            line("field " + field.name() + " (" + field.type().code() + (field.required() ? ", required" : "") + "): "
                    + field.label() + (options.isEmpty() ? "" : " [" + options + "]"));
        }
        question.choices().forEach(choice -> line("choice " + choice.id() + ": " + choice.rule()));
        question.reasoning().ifPresent(text -> block("reasoning", text));
        question.context().ifPresent(context -> {
            context.agent().ifPresent(text -> line("agent: " + text));
            context.host().ifPresent(text -> line("host: " + text));
            context.directory().ifPresent(text -> line("directory: " + text));
            context.session().ifPresent(text -> line("session: " + text));
        });
    }

    /** Of several blanks all but the first are made visible, as they could move the rest out of sight. */
    private void line(String text) {
        StringBuilder shown = new StringBuilder();
        boolean afterBlank = false;
        for (char unit : Printable.line(text).toCharArray()) {
            shown.append(unit == ' ' && afterBlank ? "\\u{20}" : String.valueOf(unit));
            afterBlank = unit == ' ';
        }
        wrap("", shown.toString());
        flagScripts(text);
    }

    private void block(String label, String text) {
        if (text.indexOf('\n') < 0) {
            line(label + ": " + text);
            return;
        }
        line(label + ":");
        int blank = 0;
        for (String each : Printable.block(text).replace("\t", LINE).split("\n", -1)) {
            if (each.isBlank()) {
                blank++;
            } else {
                blankLines(blank);
                blank = 0;
                wrap(LINE, each);
            }
        }
        blankLines(blank);
        flagScripts(text);
    }

    /** Many at once would scroll the rest of the card away. */
    private void blankLines(int blank) {
        if (blank > MOST_BLANK_LINES) {
            rows.add("(" + blank + " blank lines)");
        } else {
            rows.addAll(Collections.nCopies(blank, LINE));
        }
    }

    private void wrap(String start, String text) {
        StringBuilder row = new StringBuilder(start);
        int width = start.length();
        int least = start.length();
        for (int point : text.codePoints().toArray()) {
            if (width + width(point) >= columns) {
                int end = end(row, least);
                rows.add(row.substring(0, end));
                row.replace(0, end, REST);
                width = width(row);
                least = REST.length();
            }
            row.appendCodePoint(point);
            width += width(point);
        }
        rows.add(row.toString());
    }

    /**
     * Behind the last blank of a full row, if text is before it and the word after it is not longer than half a row.
     */
    private int end(StringBuilder row, int least) {
        int end = row.lastIndexOf(" ") + 1;
        boolean text = end > least && !row.substring(least, end).isBlank();
        return text && width(row.substring(end)) <= columns / 2 ? end : row.length();
    }

    private static int width(CharSequence text) {
        return text.codePoints().map(CardText::width).sum();
    }

    /** Wide or not, where the terminal's own table is not known: a row that ends early does no harm. */
    private static int width(int point) {
        return point < FIRST_WIDE ? 1 : 2;
    }

    private void flagScripts(String text) {
        Set<UnicodeScript> scripts = text.codePoints()
                .filter(Character::isLetter)
                .mapToObj(UnicodeScript::of)
                .filter(script -> script != UnicodeScript.COMMON && script != UnicodeScript.INHERITED)
                .collect(Collectors.toCollection(TreeSet::new));
        if (scripts.size() > 1 && !TOGETHER.containsAll(scripts)) {
            rows.add("MIXED SCRIPTS above: "
                    + scripts.stream().map(UnicodeScript::toString).collect(Collectors.joining(", ")));
        }
    }
}
