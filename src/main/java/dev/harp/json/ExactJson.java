package dev.harp.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.JsonTree.Flag;
import dev.harp.json.JsonTree.Foreign;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.json.JsonTree.Whole;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The exact JSON form of {@code docs/messages.md}, section 3: the bytes that {@code JSON.stringify} writes, with
 * further bounds.
 *
 * <p>Two parsers may read one lenient text in two ways (names that stand twice, numbers beyond 2<sup>53</sup>, lone
 * surrogates). So a reader here writes what it has read again, and refuses a text whose bytes differ. The form has
 * objects, arrays, strings, {@code true}, {@code false} and integers from 0 to {@link #MAX_INTEGER}; at most
 * {@link #MAX_DEPTH} levels; names {@code [a-z][a-z0-9_]*}, since JavaScript would move a name such as {@code "1"} to
 * the front.
 */
public final class ExactJson {
    /** 2<sup>53</sup> - 1, the greatest integer up to which a double is exact. */
    public static final long MAX_INTEGER = (1L << 53) - 1;

    /** Levels of objects and arrays, the outermost being the first. */
    public static final int MAX_DEPTH = 8;

    private static final BigDecimal GREATEST = BigDecimal.valueOf(MAX_INTEGER);
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    private ExactJson() {}

    /** The object that the bytes are, or nothing if they are not exactly what {@link #write} gives for an object. */
    public static Optional<Members> read(byte[] bytes) {
        return readAny(bytes).filter(ExactJson::conforms).filter(members -> Arrays.equals(write(members), bytes));
    }

    /**
     * The object that the bytes are in any form that RFC 8259 allows, in UTF-8 and without a byte order mark. For texts
     * that somebody else writes, such as the client data of WebAuthn. A name that stands twice in one object is
     * refused.
     */
    public static Optional<Members> readAny(byte[] bytes) {
        return Json.tryObject(bytes).map(ExactJson::members);
    }

    /**
     * The exact form of the value, in UTF-8.
     *
     * @throws IllegalArgumentException if the value has none: see the class
     */
    public static byte[] write(JsonTree value) {
        if (!conforms(value)) {
            throw new IllegalArgumentException("no value of the exact JSON form");
        }
        return writeAny(value);
    }

    /**
     * The value in UTF-8, with any names and numbers, for texts that somebody else reads. A lone surrogate is written
     * as a question mark.
     */
    public static byte[] writeAny(JsonTree value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString().getBytes(UTF_8);
    }

    /** How many bytes the text takes as a string of the exact form, escapes included and quotation marks not. */
    public static int escapedLength(String text) {
        StringBuilder out = new StringBuilder();
        writeString(text, out);
        return out.toString().getBytes(UTF_8).length - 2;
    }

    /** Whether each surrogate of the text has its counterpart. A text with a lone one has no form in UTF-8. */
    public static boolean isWellFormed(String text) {
        return UTF_8.newEncoder().canEncode(text);
    }

    private static Members members(JsonObject object) {
        Map<String, JsonTree> members = new LinkedHashMap<>();
        object.forEach((name, value) -> members.put(name, tree(value)));
        return new Members(members);
    }

    private static JsonTree tree(JsonValue value) {
        return switch (value) {
            case JsonObject object -> members(object);
            case JsonArray array ->
                new Items(array.stream().map(ExactJson::tree).toList());
            case JsonString string -> new Text(string.getString());
            case JsonNumber number -> number(number.bigDecimalValue());
            default ->
                value.equals(JsonValue.NULL) ? new Foreign(value.toString()) : new Flag(value.equals(JsonValue.TRUE));
        };
    }

    private static JsonTree number(BigDecimal number) {
        boolean whole = number.scale() == 0 && number.signum() >= 0 && number.compareTo(GREATEST) <= 0;
        return whole ? new Whole(number.longValueExact()) : new Foreign(number.toString());
    }

    private static boolean conforms(JsonTree value) {
        return conforms(value, 0);
    }

    private static boolean conforms(JsonTree value, int depth) {
        return switch (value) {
            case Members(Map<String, JsonTree> values) ->
                depth < MAX_DEPTH
                        && values.entrySet().stream()
                                .allMatch(
                                        member -> NAME.matcher(member.getKey()).matches()
                                                && conforms(member.getValue(), depth + 1));
            case Items items ->
                depth < MAX_DEPTH && items.values().stream().allMatch(item -> conforms(item, depth + 1));
            case Text(String text) -> isWellFormed(text);
            case Whole(long number) -> number >= 0 && number <= MAX_INTEGER;
            case Flag _ -> true;
            case Foreign _ -> false;
        };
    }

    private static void write(JsonTree value, StringBuilder out) {
        switch (value) {
            case Members(Map<String, JsonTree> values) -> {
                out.append('{');
                separated(values.entrySet().iterator(), out, member -> {
                    writeString(member.getKey(), out);
                    out.append(':');
                    write(member.getValue(), out);
                });
                out.append('}');
            }
            case Items items -> {
                out.append('[');
                separated(items.values().iterator(), out, item -> write(item, out));
                out.append(']');
            }
            case Text(String text) -> writeString(text, out);
            case Whole(long number) -> out.append(number);
            case Flag(boolean flag) -> out.append(flag);
            case Foreign(String text) -> out.append(text);
        }
    }

    private static <T> void separated(Iterator<T> values, StringBuilder out, Consumer<T> write) {
        while (values.hasNext()) {
            write.accept(values.next());
            if (values.hasNext()) {
                out.append(',');
            }
        }
    }

    private static void writeString(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append(c < 16 ? "\\u000" : "\\u00").append(Integer.toHexString(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
