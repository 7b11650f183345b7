package dev.harp.cli;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The files of a build of the app with their SHA-256: {@code hashes.json}.
 *
 * @param digest of the list itself, in hex: what {@code harp-relay --version} prints
 * @param files path to hex
 */
record HashList(String digest, SortedMap<String, String> files) {
    /** Its name beside the page. */
    static final String NAME = "hashes.json";

    /** Bytes of the list. */
    static final int MAX_BYTES = 1 << 18;

    private static final int MAX_FILES = 1000;
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    /** The list; empty if the bytes are anything else. */
    static Optional<HashList> parse(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            return Optional.empty();
        }
        SortedMap<String, String> files = new TreeMap<>();
        Optional<JsonTree.Members> object = ExactJson.readAny(bytes);
        for (var member : object.map(JsonTree.Members::values).orElse(Map.of()).entrySet()) {
            if (!(member.getValue() instanceof JsonTree.Text(String hash))
                    || !HASH.matcher(hash).matches()
                    || !PATH.matcher(member.getKey()).matches()) {
                return Optional.empty();
            }
            files.put(member.getKey(), hash);
        }
        boolean good = files.containsKey("index.html") && files.size() <= MAX_FILES;
        return good ? Optional.of(new HashList(sha256(bytes), files)) : Optional.empty();
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
