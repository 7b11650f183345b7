package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** One file of vectors in the making. */
final class Vectors {
    final String file;
    private final String about;
    private final List<Members> vectors = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    Vectors(String file, String about) {
        this.file = file;
        this.about = about;
    }

    void valid(String kind, String name, Consumer<JsonTree.Builder> members) {
        add(kind, name, members);
    }

    void refused(String kind, String name, Reason reason, Consumer<JsonTree.Builder> members) {
        add(kind, name, members.andThen(vector -> vector.add("refused", reason.code())));
    }

    Members json() {
        return JsonTree.object().add("about", about).add("vectors", vectors).build();
    }

    private void add(String kind, String name, Consumer<JsonTree.Builder> members) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("vector twice: " + name);
        }
        JsonTree.Builder vector = JsonTree.object().add("kind", kind).add("name", name);
        members.accept(vector);
        vectors.add(vector.build());
    }

    /** A plaintext without its spaces, and the size to which it is padded. */
    static Members plaintext(Bytes padded) {
        String text = new String(padded.toByteArray(), UTF_8);
        return plaintext(text.stripTrailing(), padded.length());
    }

    static Members plaintext(String json, int size) {
        return JsonTree.object().add("json", json).add("size", size).build();
    }

    static Bytes padded(String json, int size) {
        Bytes text = Bytes.utf8(json);
        return Bytes.concat(text, Bytes.utf8(" ".repeat(size - text.length())));
    }
}
