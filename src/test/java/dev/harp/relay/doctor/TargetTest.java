package dev.harp.relay.doctor;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.outbound.TargetUrl;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which URLs doctor accepts. */
class TargetTest {
    private static void accepted(String text, String written) {
        assertThat(Doctor.target(text).map(TargetUrl::toString), is(Optional.of(written)));
    }

    @Test
    void acceptedUrls() {
        accepted("https://relay.example.org", "https://relay.example.org");
        accepted("HTTPS://relay.example.org:443/", "https://relay.example.org");
        accepted("http://127.0.0.1:8787", "http://127.0.0.1:8787");
        accepted("http://[::1]:8787/", "http://[::1]:8787");
        accepted("http://relay:443", "http://relay:443");
        accepted("https://example.org/harp", "https://example.org");
        accepted("https://example.org/a/harp_1/", "https://example.org");
    }

    @Test
    void refusedUrls() {
        for (String text : List.of(
                "",
                "relay.example.org",
                "relay.example.org:443",
                "//relay.example.org",
                "ftp://relay.example.org",
                "https://",
                "https://relay.example.org/v1",
                "https://relay.example.org/app/",
                "https://relay.example.org/harp/health",
                "https://relay.example.org/harp//",
                "https://relay.example.org/../harp",
                "https://relay.example.org/harp?x",
                "https://relay.example.org?x",
                "https://relay.example.org#x",
                "https://user:password@relay.example.org",
                "https://relay.example.org:0",
                "https://relay.example.org:65536",
                "https://relay.example.org:-1",
                "https://a b",
                "https://a\r\nX: y",
                "mailto:relay")) {
            assertThat(text, Doctor.target(text), is(Optional.empty()));
        }
    }
}
