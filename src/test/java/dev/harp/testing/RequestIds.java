package dev.harp.testing;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochRandomGenerator;
import java.time.Instant;

/**
 * Request ids: UUIDv7 (RFC 9562), whose first 48 bits are the time in milliseconds. The relay refuses a new id that is
 * too far from its clock, so an id is made when the question is asked, not before.
 */
public final class RequestIds {
    private static final TimeBasedEpochRandomGenerator GENERATOR = Generators.timeBasedEpochRandomGenerator();

    private RequestIds() {}

    public static String now() {
        return GENERATOR.generate().toString();
    }

    /** An id of another time, for a test of replay. */
    public static String at(Instant time) {
        return GENERATOR.construct(time.toEpochMilli()).toString();
    }
}
