package dev.harp.message;

import java.util.HexFormat;

/** The exact JSON form: section 3. */
final class JsonFormVectors {
    private final Vectors vectors = new Vectors(
            "json-form", "kind json: text, or hex where it is not UTF-8, is read in the exact form, without padding.");

    private JsonFormVectors() {}

    static Vectors make() {
        JsonFormVectors forms = new JsonFormVectors();
        forms.valid("empty", "{}");
        forms.valid(
                "escapes as JSON.stringify writes them",
                "{\"a\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f \u007f\u2028\"}");
        forms.valid("greatest integer, eight levels", "{\"a\":9007199254740991,\"b\":[[[[[[[]]]]]]]}");
        forms.refuse();
        return forms.vectors;
    }

    private void refuse() {
        refused("space", "{\"a\": 1}");
        refused("name twice", "{\"a\":1,\"a\":1}");
        refused("name that starts with a digit", "{\"1\":1}");
        refused("name in upper case", "{\"A\":1}");
        refused("name escaped", "{\"\\u0061\":1}");
        refused("null", "{\"a\":null}");
        refused("negative number", "{\"a\":-1}");
        refused("fraction", "{\"a\":1.5}");
        refused("integer written as a fraction", "{\"a\":1.0}");
        refused("exponent", "{\"a\":1e2}");
        refused("2 to the power of 53", "{\"a\":9007199254740992}");
        refused("2 to the power of 53, and 1", "{\"a\":9007199254740993}");
        refused("letter escaped without need", "{\"a\":\"\\u0061\"}");
        refused("escape in upper-case hex", "{\"a\":\"\\u001F\"}");
        refused("slash escaped", "{\"a\":\"\\/\"}");
        refused("pair of surrogates escaped", "{\"a\":\"\\ud83d\\ude00\"}");
        refused("lone surrogate escaped", "{\"a\":\"\\ud83d\"}");
        refused("nine levels", "{\"a\":[[[[[[[[]]]]]]]]}");
        refused("no object", "[]");
        refused("two objects", "{}{}");
        refused("byte order mark", "\ufeff{}");
        vectors.refused(
                "json",
                "not UTF-8",
                Reason.JSON_FORM,
                v -> v.add(
                        "hex",
                        HexFormat.of().formatHex(new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xff, '"', '}'})));
        vectors.refused(
                "json",
                "surrogate encoded in UTF-8",
                Reason.JSON_FORM,
                v -> v.add("hex", HexFormat.of().formatHex(new byte[] {
                    '{', '"', 'a', '"', ':', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', '}'
                })));
    }

    private void valid(String name, String text) {
        vectors.valid("json", name, v -> v.add("text", text));
    }

    private void refused(String name, String text) {
        vectors.refused("json", name, Reason.JSON_FORM, v -> v.add("text", text));
    }
}
