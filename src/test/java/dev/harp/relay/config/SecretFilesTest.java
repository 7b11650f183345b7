package dev.harp.relay.config;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.protocol.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Options whose values are in files that the environment names. */
class SecretFilesTest extends ConfigRig {
    private static final String KEY = "a-registration-key-of-a-file";

    private String file(String content) throws IOException {
        return Files.writeString(folder.resolve("secret" + content.length()), content)
                .toString();
    }

    @Test
    void eachSecretMayBeInAFile() throws Exception {
        RelayConfig config = read(Map.of(
                "REGISTRATION_KEY_FILE", file(KEY + "\n"),
                "STORE_FILE", file("redis://user:a-password@127.0.0.1:6390/2"),
                "EXPO_ACCESS_TOKEN_FILE", file("  an-access-token \r\n"),
                "PUSH", "expo"));
        assertThat(config.limits().registrationKey(), is(Optional.of(Sha256.of(KEY))));
        assertThat(config.push().expoAccessToken(), is(Optional.of("an-access-token")));
        assertThat(config.storage().toString(), containsString("127.0.0.1:6390"));
        String lines = config.lines().toString();
        assertThat(lines, containsString("REGISTRATION_KEY: (set, not shown)"));
        for (String secret : List.of(KEY, "a-password", "an-access-token")) {
            assertThat(lines, not(containsString(secret)));
        }
    }

    /** Each secret option has the variable: one that is added later must not be forgotten. */
    @Test
    void noSecretIsLeftOut() throws Exception {
        for (Option option : Option.values()) {
            Map<String, String> given = new HashMap<>(Map.of(option.name(), "redis://u:password@h\n"));
            boolean hidden = !refusedOrRead(given).contains("password");
            assertThat(option.name(), SecretFiles.OPTIONS.contains(option), is(hidden));
        }
    }

    private static String refusedOrRead(Map<String, String> given) {
        try {
            return read(given).lines().toString();
        } catch (InvalidConfig e) {
            return e.lines().toString();
        }
    }

    @Test
    void aFileThatHoldsNoValueIsAnError() throws Exception {
        Map<String, String> wrong = Map.of(
                folder.resolve("none").toString(),
                "which does not exist",
                folder.toString(),
                "which is a directory",
                "a\0b",
                "which does not exist",
                file("\n"),
                "which is empty",
                file("x".repeat(8193)),
                "which has more than 8192 bytes",
                Files.write(folder.resolve("latin"), new byte[] {'k', (byte) 0xe9, 'y'})
                        .toString(),
                "UTF-8");
        wrong.forEach((path, why) -> assertThat(
                path,
                refused(Map.of("REGISTRATION_KEY_FILE", path)),
                hasItem(allOf(containsString("REGISTRATION_KEY_FILE: given '"), containsString(why)))));
    }

    @Test
    void aValueThatTheOptionRefusesIsNotShown() throws Exception {
        String short15 = "only15charslong";
        List<String> errors = refused(Map.of("REGISTRATION_KEY_FILE", file(short15)));
        assertThat(errors.toString(), containsString("REGISTRATION_KEY: given 15 characters, which are not shown"));
    }

    @Test
    void bothAtOnceAreAnError() throws Exception {
        List<String> errors = refused(Map.of("REGISTRATION_KEY", KEY, "REGISTRATION_KEY_FILE", file(KEY)));
        assertThat(errors, hasItem(containsString("REGISTRATION_KEY as well; allowed: one of the two")));
        assertThat(
                read(Map.of("REGISTRATION_KEY", "", "REGISTRATION_KEY_FILE", file(KEY)))
                        .limits()
                        .registrationKey(),
                is(Optional.of(Sha256.of(KEY))));
        assertThat(
                read(Map.of("REGISTRATION_KEY", KEY, "REGISTRATION_KEY_FILE", " "))
                        .limits()
                        .registrationKey(),
                is(Optional.of(Sha256.of(KEY))));
    }
}
