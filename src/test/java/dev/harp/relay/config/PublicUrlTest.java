package dev.harp.relay.config;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.message.WebAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code PUBLIC_URL}. */
class PublicUrlTest {
    private static RelayConfig read(String url) throws InvalidConfig {
        return ConfigReader.read(
                Optional.empty(), new ConfigReader.Environment(Map.of("PUBLIC_URL", url), 1L << 30, 65_536));
    }

    /** Every accepted URL is an address of pairing links: both sides read it alike. */
    @ParameterizedTest
    @CsvSource({
        "https://relay.example.org, https://relay.example.org",
        "HTTPS://Relay.Example.ORG/, https://relay.example.org",
        "https://relay.example.org:443, https://relay.example.org",
        "http://localhost:80/, http://localhost",
        "http://localhost:8787, http://localhost:8787",
        "https://example.org/harp/relay_1/, https://example.org/harp/relay_1",
        "https://192.0.2.1:8443, https://192.0.2.1:8443",
        "'https://[2001:DB8:0:0:0:0:0:1]', 'https://[2001:db8::1]'",
        "'https://[2001:db8:0:1:0:0:0:0]', 'https://[2001:db8:0:1::]'",
        "'https://[0:0:1:0:0:1:0:0]:8443', 'https://[::1:0:0:1:0:0]:8443'",
        "'http://[::1]:8787', 'http://[::1]:8787'",
    })
    void itHasOneSpelling(String given, String spelling) throws InvalidConfig {
        RelayConfig config = read(given);
        assertThat(config.server().publicUrl(), is(Optional.of(spelling)));
        assertThat(config.lines(), hasItem("PUBLIC_URL: \"" + spelling + "\""));
        assertThat(WebAddress.parse(spelling).map(WebAddress::text), is(Optional.of(spelling)));
    }

    @Test
    void noneIsTold() throws InvalidConfig {
        assertThat(read("").server().publicUrl(), is(Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "relay.example.org, such as https://relay.example.org",
        "ftp://relay.example.org, http or https URL",
        "https://, such as https://relay.example.org",
        "https://user@relay.example.org, no user",
        "https://relay.example.org?x=1, query",
        "https://relay.example.org/#a, fragment",
        "https://relay.example.org/a.b, dots",
        "https://relay.example.org/%61, percent signs",
        "https://relay.example.org//a, such as",
        "https://relay.1a, such as",
        "https://127.1, such as",
        "'https://[::ffff:1.2.3.4]', such as",
        "https://relay_1.example.org, such as",
        "https://relay.example.org:65536, such as",
    })
    void aWrongOneIsOneLine(String given, String allowed) {
        List<String> lines =
                assertThrows(InvalidConfig.class, () -> read(given)).lines();
        assertThat(lines.toString(), lines, hasSize(1));
        assertThat(lines.getFirst(), startsWith("PUBLIC_URL: given '" + given + "'; allowed: "));
        assertThat(lines.getFirst(), containsString(allowed));
    }

    @Test
    void aLongOneIsRefused() {
        String given = "https://relay.example.org/" + "a".repeat(230);
        assertThat(assertThrows(InvalidConfig.class, () -> read(given)).lines(), hasSize(1));
    }
}
