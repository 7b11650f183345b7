package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.regex.Pattern;

/** The forms of short texts. Lengths are bytes of UTF-8. */
final class Texts {
    private static final Pattern PAIR_ID = Pattern.compile("pair_[0-9a-f]{12}");
    private static final Pattern REQUEST_ID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-z0-9_]{1,64}");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?");

    private Texts() {}

    static boolean isPairId(String text) {
        return PAIR_ID.matcher(text).matches();
    }

    /** A UUIDv7 in lower case. */
    static boolean isRequestId(String text) {
        return REQUEST_ID.matcher(text).matches();
    }

    static boolean isIdentifier(String text) {
        return IDENTIFIER.matcher(text).matches();
    }

    static boolean isNumber(String text) {
        return NUMBER.matcher(text).matches();
    }

    /** The name of a platform, a host or a device: 1 to 64 bytes, no control characters. */
    static boolean isName(String text) {
        return isWithin(text, 1, 64) && text.codePoints().noneMatch(Character::isISOControl);
    }

    static boolean isWithin(String text, int least, int most) {
        int length = text.getBytes(UTF_8).length;
        return length >= least && length <= most;
    }
}
