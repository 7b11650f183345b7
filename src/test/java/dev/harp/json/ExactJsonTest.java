package dev.harp.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactJsonTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"a\":1}",
                "{\"b\":[true,false],\"a\":{\"x_1\":\"\"}}",
                "{\"a\":9007199254740991}",
                "{\"a\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\"}",
                "{\"a\":\"/ \u007f \u2028 \ud83d\ude00\"}",
                "{\"a\":[[[[[[[]]]]]]]}",
            })
    void whatJsonStringifyWritesIsReadAndWrittenTheSame(String text) {
        var members = ExactJson.read(text.getBytes(UTF_8)).orElseThrow();
        assertArrayEquals(text.getBytes(UTF_8), ExactJson.write(members));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "1",
                "{\"a\":1,\"a\":1}",
                "{\"a\":{\"b\":1,\"b\":2}}",
                "{ \"a\":1}",
                "{\"a\": 1}",
                "{\"a\":1}\n",
                "\ufeff{}",
                "{\"a\":null}",
                "{\"a\":-1}",
                "{\"a\":-0}",
                "{\"a\":1.0}",
                "{\"a\":1e2}",
                "{\"a\":01}",
                "{\"a\":9007199254740992}",
                "{\"a\":18446744073709551617}",
                "{\"1\":1}",
                "{\"A\":1}",
                "{\"\":1}",
                "{\"\\u0061\":1}",
                "{\"a\":\"\\u0061\"}",
                "{\"a\":\"\\/\"}",
                "{\"a\":\"\\u001F\"}",
                "{\"a\":\"\\u0008\"}",
                "{\"a\":\"\\ud83d\\ude00\"}",
                "{\"a\":\"\\ud800\"}",
                "{\"a\":\"\\udc00\\ud800\"}",
                "{\"a\":\"\t\"}",
                "{\"a\":[[[[[[[[]]]]]]]]}",
                "{\"a\":1,}",
                "{\"a\":1}{}",
                "{a:1}",
                "{\"a\":tru}",
                "{\"a\":\"",
            })
    void everyOtherSpellingIsRefused(String text) {
        assertTrue(ExactJson.read(text.getBytes(UTF_8)).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":\"\u00ff\"}", "{\"a\":\"\u00c0\u00af\"}", "{\"a\":\"\u00ed\u00a0\u0080\"}"})
    void bytesThatAreNotUtf8AreRefused(String text) {
        assertTrue(ExactJson.read(text.getBytes(ISO_8859_1)).isEmpty());
        assertTrue(ExactJson.readAny(text.getBytes(ISO_8859_1)).isEmpty());
    }

    @Test
    void aDeepTextDoesNotOverflowTheStack() {
        String text = "{\"a\":" + "[".repeat(1_000_000);
        assertTrue(ExactJson.read(text.getBytes(UTF_8)).isEmpty());
        assertTrue(ExactJson.readAny(text.getBytes(UTF_8)).isEmpty());
    }

    @Test
    void otherPeoplesTextMayHaveAnyForm() {
        String text = "{ \"Type\" : \"a\", \"n\": null, \"x\": [-1.5e3, true ], \"type\":\"\\u0061\" }\n";
        var members = ExactJson.readAny(text.getBytes(UTF_8)).orElseThrow();
        assertEquals("a", members.text("type").orElseThrow());
        assertTrue(members.text("x").isEmpty());
        assertTrue(ExactJson.readAny("{\"a\":1,\"a\":2}".getBytes(UTF_8)).isEmpty());
    }

    /** A name of somebody else's must not end its string. */
    @Test
    void otherPeoplesNamesAndNumbersAreWrittenAgain() {
        String text = "{\"a\\\",\\\"b\":1,\"Type\":[-1.5,null,true,{\"\":\"\\u001b\"}]}";
        var members = ExactJson.readAny(text.getBytes(UTF_8)).orElseThrow();
        assertEquals(text, new String(ExactJson.writeAny(members), UTF_8));
    }

    @Test
    void whatHasNoExactFormIsNotWritten() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ExactJson.write(JsonTree.object().add("a", -1).build()));
        assertThrows(
                IllegalArgumentException.class,
                () -> ExactJson.write(JsonTree.object().add("a", "\ud800").build()));
        assertThrows(
                IllegalArgumentException.class,
                () -> ExactJson.write(JsonTree.object().add("A", "a").build()));
        assertThrows(
                IllegalArgumentException.class,
                () -> JsonTree.object().add("a", 1).add("a", 2));
    }

    @Test
    void lengthsCountEscapesAndUtf8() {
        assertEquals(0, ExactJson.escapedLength(""));
        assertEquals(2 + 6 + 2 + 4, ExactJson.escapedLength("\n\u0001\u00e4\ud83d\ude00"));
        assertFalse(ExactJson.isWellFormed("\ud83d"));
    }
}
