package dev.harp.client;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.regex.Pattern;

/** Request ids: UUIDv7 (RFC 9562, 5.7), which begin with the time in milliseconds. */
final class RequestIds {
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private static final Pattern FORM =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");

    private RequestIds() {}

    /** Whether a text of the relay's is an id, as it stands in messages: a UUIDv7 in lower case, and nothing else. */
    static boolean isId(String text) {
        return FORM.matcher(text).matches();
    }

    static String at(long epochMillis, SecureRandom random) {
        long high = epochMillis << 16 | VERSION_7 | random.nextInt(0x1000);
        long low = VARIANT | random.nextLong() >>> 2;
        return new UUID(high, low).toString();
    }
}
