package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Request ids are what RFC 9562 and the relay ask for. */
class RequestIdsTest {
    @Test
    void anIdIsAVersion7UuidAndCarriesItsTime() {
        SecureRandom random = new SecureRandom();
        long time = Instant.parse("2026-11-23T12:34:56.789Z").toEpochMilli();
        String text = RequestIds.at(time, random);
        UUID id = UUID.fromString(text);
        assertEquals(7, id.version());
        assertEquals(2, id.variant());
        assertEquals(time, id.getMostSignificantBits() >>> 16);
        assertEquals(text, id.toString(), "in lower case");
        assertNotEquals(text, RequestIds.at(time, random));
    }
}
