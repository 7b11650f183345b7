package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A key or a token that no header can carry is refused by words that do not hold it. */
@Timeout(300)
class SecretsInErrorsTest {
    private static final String SECRET = "k3y-that-nobody-may-see";
    private static final List<String> DAMAGED = List.of(
            SECRET + "\r", SECRET + "\n", "\u0000" + SECRET, SECRET + " x", SECRET + "\u00e4", SECRET + "\u007f");

    private final TwoEnds ends = new TwoEnds();

    @AfterEach
    void close() {
        ends.close();
    }

    private static void assertSilent(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        assertFalse(trace.toString().contains(SECRET), trace.toString());
    }

    private static Members with(Members object, String member, String value) {
        Map<String, JsonTree> members = new LinkedHashMap<>(object.values());
        members.put(member, new JsonTree.Text(value));
        return new Members(members);
    }

    private PairingSession.Settings settings(String key) {
        String relay = ends.relay.url();
        return new PairingSession.Settings(relay, relay, relay + "/app/", Optional.of(key), "deploy-bot", "build-7");
    }

    @Test
    void aRegistrationKeyWithControlCharactersIsNotQuoted() {
        for (String key : DAMAGED) {
            assertSilent(assertThrows(IllegalArgumentException.class, () -> settings(key)));
            assertFalse(PairingSession.Settings.isRegistrationKey(key));
        }
        assertFalse(PairingSession.Settings.isRegistrationKey(""));
        assertTrue(PairingSession.Settings.isRegistrationKey(SECRET));
        assertFalse(settings(SECRET).toString().contains(SECRET));
    }

    @Test
    void aTokenWithControlCharactersIsNotQuoted() throws Exception {
        PlatformCredentials credentials = ends.pair();
        DeviceState device = ends.phoneStore.read().orElseThrow();
        var _ = ends.relay.takeReceived();
        for (String token : DAMAGED) {
            PlatformCredentials damaged = new PlatformCredentials(
                    credentials.relay(), token, credentials.pairing(), credentials.pairedAt(), true);
            try (Platform platform = ends.platform(damaged)) {
                assertSilent(assertThrows(IllegalArgumentException.class, platform::isActive));
            }
            assertEquals(Optional.empty(), PlatformCredentials.fromJson(with(credentials.toJson(), "token", token)));
            assertEquals(Optional.empty(), DeviceState.fromJson(with(device.toJson(), "device_token", token)));
        }
        assertEquals(Optional.empty(), DeviceState.fromJson(with(device.toJson(), "device_id", "../pairs/x")));
        assertEquals(List.of(), ends.relay.received());
    }
}
