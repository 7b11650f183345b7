package dev.harp.message;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.util.Arrays;
import java.util.List;

/** Plaintexts: the exact JSON form, then spaces to the smallest of a few sizes, so that the length says little. */
final class Padding {
    static final List<Integer> JOIN = List.of(4_096);
    static final List<Integer> HELLO = List.of(2_048);
    static final List<Integer> QUESTION = List.of(2_048, 4_096, 8_192, 16_384, 32_768, 49_136);
    static final List<Integer> RESPONSE = List.of(4_096);
    static final List<Integer> COLLECT_RESPONSE = List.of(12_272);

    private Padding() {}

    /**
     * Refused with {@code too_long} if no size is enough: nothing is ever cut. With {@code json_form} if there is no
     * exact form.
     */
    static Bytes pad(JsonTree value, List<Integer> sizes) {
        byte[] json = exact(value);
        int size = sizes.stream()
                .filter(candidate -> json.length <= candidate)
                .findFirst()
                .orElseThrow(() -> new Refusal(Reason.TOO_LONG));
        byte[] padded = new byte[size];
        Arrays.fill(padded, (byte) ' ');
        System.arraycopy(json, 0, padded, 0, json.length);
        return Bytes.of(padded);
    }

    /**
     * The object. Refused with {@code padding} if the size is not the smallest, with {@code json_form} if the rest is
     * no exact JSON.
     */
    static Members read(Bytes padded, List<Integer> sizes) {
        int end = padded.length();
        while (end > 0 && padded.at(end - 1) == ' ') {
            end--;
        }
        int length = end;
        int smallest = sizes.stream()
                .filter(size -> length <= size)
                .findFirst()
                .orElseThrow(() -> new Refusal(Reason.PADDING));
        Refusal.unless(padded.length() == smallest, Reason.PADDING);
        return ExactJson.read(padded.slice(0, length).toByteArray()).orElseThrow(() -> new Refusal(Reason.JSON_FORM));
    }

    static byte[] exact(JsonTree value) {
        try {
            return ExactJson.write(value);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Reason.JSON_FORM);
        }
    }
}
