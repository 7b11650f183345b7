package dev.harp.testing;

import dev.harp.relay.http.api.AppFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** A small app in the form in which the build packs the real one, so that tests need no Node. */
public final class TestApp {
    public static final String INDEX = "<!doctype html><title>Approvals</title>" + " ".repeat(200);
    public static final String SCRIPT = "assets/index-AbCd_-19.js";

    /** Its files but the list. */
    public static final Map<String, String> FILES = Map.of(
            "index.html",
            INDEX,
            SCRIPT,
            "console.log('" + "x".repeat(5000) + "');\n",
            SCRIPT + ".map",
            "{\"version\":3}",
            "assets/plain.js",
            "no hash in its name",
            "icon.png",
            "no picture",
            "manifest.webmanifest",
            "{}",
            "sw.js",
            "self.skipWaiting();",
            "unknown.type",
            "?");

    private TestApp() {}

    public static AppFiles files() {
        Map<String, byte[]> packed = packed(FILES);
        return new AppFiles(name -> Optional.ofNullable(packed.get(name)));
    }

    /** As a relay has it that was built without. */
    public static AppFiles missing(String why) {
        return new AppFiles(name -> name.equals("missing.txt") ? Optional.of(bytes(why + "\n")) : Optional.empty());
    }

    /** The files with their list, and a compressed copy of each that is smaller so. */
    public static Map<String, byte[]> packed(Map<String, String> files) {
        Map<String, byte[]> packed = new TreeMap<>();
        files.forEach((name, text) -> packed.put(name, bytes(text)));
        packed.put("hashes.json", bytes(list(files)));
        Map.copyOf(packed).forEach((name, plain) -> {
            byte[] compressed = gzip(plain);
            if (compressed.length < plain.length) {
                packed.put(name + ".gz", compressed);
            }
        });
        return packed;
    }

    /** {@code hashes.json} of these files. */
    public static String list(Map<String, String> files) {
        return new TreeMap<>(files)
                .entrySet().stream()
                        .map(file -> "\n  \"" + file.getKey() + "\": \"" + sha256(bytes(file.getValue())) + '"')
                        .collect(Collectors.joining(",", "{", "\n}\n"));
    }

    public static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    /** In hex. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
