package dev.harp.cli;

import java.util.HexFormat;

/**
 * Text of somebody else's for a terminal: what could move the cursor, change colours, reorder or hide text is written
 * as {@code \\u{HEX}} instead.
 */
final class Printable {
    private Printable() {}

    /** On one line: line ends are made visible, too. */
    static String line(String text) {
        return escape(text, false);
    }

    /** Line feeds and tabs stay. */
    static String block(String text) {
        return escape(text, true);
    }

    /** A JSON text, still the same value: such characters can only be in its strings, as JSON's escapes. */
    static String json(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (isHarmless(point)) {
                out.appendCodePoint(point);
            } else {
                for (char unit : Character.toChars(point)) {
                    out.append("\\u").append(HexFormat.of().toHexDigits(unit));
                }
            }
        });
        return out.toString();
    }

    private static String escape(String text, boolean keepsLines) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            boolean kept = keepsLines && (point == '\n' || point == '\t');
            if (kept || isHarmless(point)) {
                out.appendCodePoint(point);
            } else {
                out.append("\\u{").append(Integer.toHexString(point)).append('}');
            }
        });
        return out.toString();
    }

    private static boolean isHarmless(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
