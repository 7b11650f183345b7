package dev.harp.cli;

import java.util.HexFormat;

/**
 * Text of somebody else's for a terminal: what could move the cursor, change colours, reorder or hide text, or is blank
 * without being a space, is written as {@code \\u{HEX}} instead.
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
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> !isInvisible(point);
        };
    }

    /** Letters, marks and symbols that show nothing: fillers, variation selectors and the empty Braille pattern. */
    private static boolean isInvisible(int point) {
        return switch (point) {
            case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0, 0x1d159 -> true;
            default ->
                (point >= 0x180b && point <= 0x180f)
                        || (point >= 0xfe00 && point <= 0xfe0f)
                        || (point >= 0xe0100 && point <= 0xe01ef);
        };
    }
}
