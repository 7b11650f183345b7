package dev.harp.client;

import java.security.SecureRandom;
import java.util.UUID;

/** Request ids: UUIDv7 (RFC 9562, 5.7), which begin with the time in milliseconds. */
final class RequestIds {
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private RequestIds() {}

    static String at(long epochMillis, SecureRandom random) {
        long high = epochMillis << 16 | VERSION_7 | random.nextInt(0x1000);
        long low = VARIANT | random.nextLong() >>> 2;
        return new UUID(high, low).toString();
    }
}
