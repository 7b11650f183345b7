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
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/**
 * The scripts. Each is the file of its name, preceded by {@code keys.lua}, which describes the keys, and by
 * {@code common.lua} if it needs that: Redis makes each function of a script anew whenever it runs.
 */
enum Script {
    TOKEN(false),
    REQUEST(true),
    PAIRING(true),
    DEVICE(true),
    DUE(true),
    LEAP(true),
    FEED(false),
    LIMIT(false),
    RIGHTS(false);

    private final String text;
    private final String digest;

    Script(boolean common) {
        this.text = file("keys") + (common ? file("common") : "") + file(name().toLowerCase(Locale.ROOT));
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
