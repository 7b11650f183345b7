package dev.harp.relay.http.api;

/**
 * The two alphabets of RFC 4648, sections 4 and 5. It uses a table and a loop: over 64 KiB a regular expression takes
 * longer than all the rest of a submission.
 */
final class Base64Text {
    private static final int STANDARD = 1;
    private static final int URL_SAFE = 2;
    private static final byte[] ALPHABETS = new byte[128];

    static {
        String both = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        both.chars().forEach(digit -> ALPHABETS[digit] = STANDARD | URL_SAFE);
        "+/".chars().forEach(digit -> ALPHABETS[digit] = STANDARD);
        "-_".chars().forEach(digit -> ALPHABETS[digit] = URL_SAFE);
    }

    private Base64Text() {}

    /** The number of leading digits that are all of one alphabet. */
    static int digits(String text) {
        int alphabets = STANDARD | URL_SAFE;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            alphabets &= digit < ALPHABETS.length ? ALPHABETS[digit] : 0;
            if (alphabets == 0) {
                return i;
            }
        }
        return text.length();
    }

    /** Whether the digits are followed by nothing, or by one or two padding characters. */
    static boolean isPadding(String text, int digits) {
        String rest = text.substring(digits);
        return rest.isEmpty() || rest.equals("=") || rest.equals("==");
    }
}
