package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.testing.FixedRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Makes the test vectors, always the same ones: keys, nonces and secrets follow from labels ({@link FixedRandom}),
 * ECDSA uses a nonce that follows from key and message ({@link TestCurves.P256}). {@link VectorsTest} fails if the
 * committed files are not what comes out here.
 *
 * <p>To write them anew: {@code ./mvnw test -Dtest=VectorsTest -Dvectors.write=true}, and look at the difference.
 */
final class VectorGenerator {
    static final Path DIRECTORY = Path.of("src/test/resources/messages");

    private VectorGenerator() {}

    static List<Vectors> all() {
        return List.of(
                Fixtures.vectors(),
                LinkVectors.make(),
                PairingVectors.make(),
                JsonFormVectors.make(),
                QuestionVectors.make(),
                AnswerVectors.make(),
                PasskeyVectors.make(),
                Ed25519Vectors.make(),
                ClockVectors.make(),
                ReceiptVectors.make());
    }

    static void write(List<Vectors> all) throws IOException {
        for (Vectors vectors : all) {
            Files.writeString(DIRECTORY.resolve(vectors.file + ".json"), print(vectors));
        }
    }

    /** A member on each line down to the vectors' own members, the rest in the exact form. */
    static String print(Vectors vectors) {
        StringBuilder out = new StringBuilder();
        print(vectors.json(), "\n", out);
        return out.append('\n').toString();
    }

    private static void print(JsonTree value, String newLine, StringBuilder out) {
        String inner = newLine + "  ";
        switch (value) {
            case Members(Map<String, JsonTree> members)
            when !members.isEmpty() -> {
                String separator = "{" + inner;
                for (var member : members.entrySet()) {
                    out.append(separator).append('"').append(member.getKey()).append("\": ");
                    print(member.getValue(), inner, out);
                    separator = "," + inner;
                }
                out.append(newLine).append('}');
            }
            case Items(List<JsonTree> items)
            when !items.isEmpty() -> {
                String separator = "[" + inner;
                for (JsonTree item : items) {
                    out.append(separator);
                    print(item, inner, out);
                    separator = "," + inner;
                }
                out.append(newLine).append(']');
            }
            default -> out.append(new String(ExactJson.write(value), UTF_8));
        }
    }
}
