package dev.harp.relay.config;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.push.VapidKeys;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of push notifications, and what they are without any. */
class PushOptionsTest {
    private static RelayConfig read(String... options) throws InvalidConfig {
        Map<String, String> environment = new HashMap<>();
        for (String option : options) {
            String[] parts = option.split("=", 2);
            environment.put(parts[0], parts[1]);
        }
        return ConfigReader.read(Optional.empty(), new ConfigReader.Environment(environment, 1L << 30, 65_536));
    }

    private static List<String> refused(String... options) {
        return assertThrows(InvalidConfig.class, () -> read(options)).lines();
    }

    // --- what nobody has chosen

    @ParameterizedTest
    @CsvSource({
        "https://relay.example.org, https://relay.example.org",
        "https://relay.example.org:8443/harp, https://relay.example.org:8443",
        "https://phones.tail1234.ts.net, https://phones.tail1234.ts.net",
        "https://local.example.org, https://local.example.org",
    })
    void withAPublicUrlItIsWebPush(String url, String subject) throws InvalidConfig {
        RelayConfig config = read("PUBLIC_URL=" + url);
        assertThat(config.push().services(), is(Set.of("webpush")));
        assertThat(config.push().vapidSubject(), is(Optional.of(subject)));
        assertThat(config.push().vapidKey(), is(Optional.empty()));
        assertThat(config.push().whyOff(), is(Optional.empty()));
        assertThat(config.lines(), hasItem("PUSH: \"webpush\""));
        assertThat(config.lines(), hasItem("VAPID_SUBJECT: \"" + subject + "\""));
    }

    /** Apple's push service refuses a contact of such a name: 403 BadJwtToken, for every message. */
    @ParameterizedTest
    @CsvSource({
        "'', PUBLIC_URL is not set",
        "http://relay.example.org, PUBLIC_URL is not https",
        "https://192.0.2.1, PUBLIC_URL has no public name",
        "'https://[2001:db8::1]', PUBLIC_URL has no public name",
        "https://localhost, PUBLIC_URL has no public name",
        "https://relay, PUBLIC_URL has no public name",
        "https://relay.local, PUBLIC_URL has no public name",
        "https://relay.internal, PUBLIC_URL has no public name",
        "https://relay.home.arpa, PUBLIC_URL has no public name",
        "https://a.b.test, PUBLIC_URL has no public name",
        "https://relay.invalid:8443/harp, PUBLIC_URL has no public name",
    })
    void withoutAPublicNameItIsOffAndSaysWhy(String url, String why) throws InvalidConfig {
        RelayConfig config = read("PUBLIC_URL=" + url);
        assertThat(config.push().services(), is(Set.of()));
        assertThat(config.push().whyOff().orElseThrow(), startsWith(why));
        assertThat(config.push().whyOff().orElseThrow(), not(containsString("\n")));
        assertThat(config.lines(), hasItem("PUSH: \"off\""));
        assertThat(config.warnings(), is(empty()));
    }

    /** Push to phones of a network of one's own, by an address that is no name. */
    @Test
    void aContactOfTheOperatorsIsEnough() throws InvalidConfig {
        RelayConfig config = read("PUBLIC_URL=https://192.0.2.1", "VAPID_SUBJECT=mailto:ops@example.org");
        assertThat(config.push().services(), is(Set.of("webpush")));
        assertThat(config.push().vapidSubject(), is(Optional.of("mailto:ops@example.org")));
        assertThat(read("VAPID_SUBJECT=mailto:ops@example.org").push().services(), is(Set.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"off", "expo"})
    void aChoiceIsKept(String chosen) throws InvalidConfig {
        RelayConfig config = read("PUBLIC_URL=https://relay.example.org", "PUSH=" + chosen);
        assertThat(config.push().services(), is(chosen.equals("off") ? Set.of() : Set.of("expo")));
        assertThat(config.push().whyOff(), is(Optional.empty()));
        assertThat(config.lines(), hasItem("PUSH: \"" + chosen + "\""));
        assertThat(read("PUSH=" + chosen).push().whyOff(), is(Optional.empty()));
    }

    @Test
    void whatTakesEffectCanBeReadAgain() throws InvalidConfig {
        assertThat(
                read("PUBLIC_URL=https://relay.example.org", "PUSH=auto").push().services(), is(Set.of("webpush")));
        assertThat(refused("PUSH=auto, expo").getFirst(), startsWith("PUSH: given 'auto, expo'; allowed: auto, off,"));
    }

    // --- what the operator has chosen

    @Test
    void pushServicesCanBeChosen() throws InvalidConfig {
        String key = VapidKeys.generate().text();
        RelayConfig.Push push = read(
                        "PUSH=expo, webpush",
                        "EXPO_ACCESS_TOKEN=token",
                        "VAPID_KEY=" + key,
                        "VAPID_SUBJECT=mailto:you@example.org")
                .push();
        assertThat(push.services(), is(Set.of("expo", "webpush")));
        assertThat(push.expoUrl(), is("https://exp.host/--/api/v2/push"));
        assertThat(push.expoAccessToken(), is(Optional.of("token")));
        assertThat(
                push.vapidKey().map(VapidKeys::publicText),
                is(VapidKeys.parse(key).map(VapidKeys::publicText)));
    }

    /** What {@code vapid-keys} prints is a line with the option's name, and may be pasted whole. */
    @Test
    void theKeyPairMayBeTheWholeLine() throws InvalidConfig {
        String key = VapidKeys.generate().text();
        RelayConfig.Push push = read("PUSH=webpush", "VAPID_KEY=VAPID_KEY=" + key, "VAPID_SUBJECT=mailto:a@example.org")
                .push();
        assertThat(
                push.vapidKey().map(VapidKeys::publicText),
                is(VapidKeys.parse(key).map(VapidKeys::publicText)));
    }

    /** Without a contact, Web Push would fail only at the first notification. */
    @ParameterizedTest
    @ValueSource(strings = {"", "http://relay.example.org", "https://relay.local"})
    void webPushNeedsAContact(String publicUrl) {
        List<String> lines = refused("PUSH=webpush", "PUBLIC_URL=" + publicUrl);
        assertThat(lines, hasSize(1));
        assertThat(
                lines.getFirst(),
                allOf(startsWith("VAPID_SUBJECT: given nothing; allowed: "), containsString("mailto:")));
    }

    @Test
    void theKeyPairIsNeverShown() throws InvalidConfig {
        String key = VapidKeys.generate().text();
        RelayConfig config = read("PUBLIC_URL=https://relay.example.org", "VAPID_KEY=" + key);
        assertThat(config.lines(), hasItem("VAPID_KEY: (set, not shown)"));
        assertThat(config + config.lines().toString(), not(containsString(key.substring(88))));
        List<String> lines = refused("VAPID_KEY=secret-but-too-short");
        assertThat(
                lines.getFirst(), allOf(startsWith("VAPID_KEY: given 20 characters"), not(containsString("secret"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"mailto:me@localhost", "mailto:relay@phones.local", "https://localhost", "https://192.0.2.1/x"})
    void aContactThatApplesServiceRefusesIsAWarning(String subject) throws InvalidConfig {
        List<String> warnings = read("VAPID_SUBJECT=" + subject).warnings();
        assertThat(warnings, hasSize(1));
        assertThat(warnings.getFirst(), startsWith("VAPID_SUBJECT: " + subject + " is no public name"));
        assertThat(read("VAPID_SUBJECT=mailto:me@example.org").warnings(), is(empty()));
        assertThat(read("VAPID_SUBJECT=https://example.org/contact").warnings(), is(empty()));
    }
}
