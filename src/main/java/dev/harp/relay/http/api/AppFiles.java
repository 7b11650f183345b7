package dev.harp.relay.http.api;

import dev.harp.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The files of the approver's app, as {@code src/build/App.java} has put them beside the relay's classes. A file is
 * read when it is asked for first, and stays in memory: they are a few, and most are never asked for.
 */
public final class AppFiles {
    /** The list of all other files with their SHA-256, a JSON object. */
    static final String LIST = "hashes.json";

    private static final String FOLDER = "/app/";
    private static final String WHY_MISSING = "missing.txt";

    private final Function<String, Optional<byte[]>> resources;
    private final Map<String, String> hashes;
    private final Optional<String> digest;
    private final Map<String, Optional<byte[]>> read = new ConcurrentHashMap<>();

    /** @param resources the bytes of a file in the folder, by its path there; empty if there is none */
    public AppFiles(Function<String, Optional<byte[]>> resources) {
        this.resources = resources;
        Optional<byte[]> list = resources.apply(LIST);
        this.digest = list.map(AppFiles::sha256);
        this.hashes = list.map(AppFiles::hashes).orElse(Map.of());
    }

    /** Those that this relay was built with. */
    public static AppFiles packaged() {
        return new AppFiles(name -> {
            try (InputStream in = AppFiles.class.getResourceAsStream(FOLDER + name)) {
                return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** The SHA-256 of the list, in hex, which stands for all files; empty if the relay was built without the app. */
    public Optional<String> digest() {
        return digest;
    }

    /** Why there is no app, as the build has said it; empty if nothing is known. */
    String whyMissing() {
        return resources
                .apply(WHY_MISSING)
                .map(text -> new String(text, StandardCharsets.UTF_8).strip())
                .orElse("");
    }

    /** The SHA-256 of a file, in hex; empty if there is no such file. */
    Optional<String> hash(String path) {
        return path.equals(LIST) ? digest : Optional.ofNullable(hashes.get(path));
    }

    /** What is in a file that has a {@link #hash}. */
    byte[] bytes(String path) {
        return resource(path).orElseThrow(() -> new IllegalStateException("listed, and not there: " + path));
    }

    /** The same file compressed with gzip, if that is smaller. */
    Optional<byte[]> compressed(String path) {
        return resource(path + ".gz");
    }

    /** Called only with names that the list has, so the map is bounded. */
    private Optional<byte[]> resource(String name) {
        return read.computeIfAbsent(name, resources);
    }

    private static Map<String, String> hashes(byte[] list) {
        JsonObject object =
                Json.tryObject(list).orElseThrow(() -> new IllegalStateException(LIST + " is no JSON object"));
        return object.keySet().stream().collect(Collectors.toUnmodifiableMap(path -> path, object::getString));
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
