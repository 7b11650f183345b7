package dev.harp.relay.protocol;

/**
 * A set of ASCII characters of which a name or token consists. Each call checks some texts against one, and a regular
 * expression takes several times as long.
 */
final class Alphabet {
    static final Alphabet LOWER_HEX = new Alphabet("0123456789abcdef");

    static final Alphabet BASE64URL = new Alphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private final boolean[] members = new boolean[128];

    private Alphabet(String characters) {
        characters.chars().forEach(c -> members[c] = true);
    }

    /** Whether the text is the prefix and so many characters of this alphabet. */
    boolean spells(String text, String prefix, int length) {
        if (text.length() != prefix.length() + length || !text.startsWith(prefix)) {
            return false;
        }
        for (int i = prefix.length(); i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= members.length || !members[c]) {
                return false;
            }
        }
        return true;
    }
}
