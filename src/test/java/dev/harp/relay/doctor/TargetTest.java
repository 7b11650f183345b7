package dev.harp.relay.doctor;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TargetTest {
    private static void names(String text, Target target, String written) {
        assertThat(Target.parse(text), is(Optional.of(target)));
        assertThat(target.toString(), is(written));
    }

    @Test
    void whatIsOne() {
        names("https://relay.example.org", new Target(true, "relay.example.org", 443), "https://relay.example.org");
        names(
                "HTTPS://relay.example.org:443/",
                new Target(true, "relay.example.org", 443),
                "https://relay.example.org");
        names("http://127.0.0.1:8787", new Target(false, "127.0.0.1", 8787), "http://127.0.0.1:8787");
        names("http://[::1]:8787/", new Target(false, "::1", 8787), "http://[::1]:8787");
        names("http://relay:443", new Target(false, "relay", 443), "http://relay:443");
    }

    @Test
    void whatIsNone() {
        for (String text : List.of(
                "",
                "relay.example.org",
                "relay.example.org:443",
                "//relay.example.org",
                "ftp://relay.example.org",
                "https://",
                "https://relay.example.org/v1",
                "https://relay.example.org?x",
                "https://relay.example.org#x",
                "https://user:password@relay.example.org",
                "https://relay.example.org:0",
                "https://relay.example.org:65536",
                "https://relay.example.org:-1",
                "https://a b",
                "https://a\r\nX: y",
                "mailto:relay")) {
            assertThat(text, Target.parse(text), is(Optional.empty()));
        }
    }
}
