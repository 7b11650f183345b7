package dev.harp.relay.store.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/**
 * The scripts. Each is the file of its name, preceded by {@code keys.lua}, which describes the keys, and by the files
 * whose functions it needs, if any: Redis makes each function of a script anew whenever it runs.
 */
enum Script {
    CALLER("reading"),
    REQUEST("common", "limits"),
    PAIRING("common"),
    DEVICE("common"),
    DUE("common"),
    LEAP("common"),
    FEED("reading"),
    LIMIT("limits"),
    RIGHTS;

    private final String text;
    private final String digest;

    Script(String... functions) {
        this.text = file("keys")
                + Stream.of(functions).map(Script::file).collect(Collectors.joining())
                + file(name().toLowerCase(Locale.ROOT));
        this.digest = sha1(text);
    }

    /** The call by digest, for a server that has the script. */
    CommandArguments byDigest() {
        return new CommandArguments(Protocol.Command.EVALSHA).add(digest).add(0);
    }

    /** The call with the script's text, after which the server has the script. */
    CommandArguments inFull() {
        return new CommandArguments(Protocol.Command.EVAL).add(text).add(0);
    }

    private static String file(String name) {
        try (InputStream in = Objects.requireNonNull(Script.class.getResourceAsStream(name + ".lua"), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-1", e);
        }
    }
}
