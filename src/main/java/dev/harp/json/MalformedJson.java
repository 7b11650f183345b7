package dev.harp.json;

/**
 * The bytes are not the JSON that was asked for. The message says what is wrong and where, and quotes nothing of them.
 */
public final class MalformedJson extends Exception {
    private static final long serialVersionUID = 1;

    MalformedJson(String message) {
        super(message);
    }
}
