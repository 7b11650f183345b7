package dev.harp.relay.config;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mistakes of an operator must not open the relay to everyone, print a secret, or end in a stack trace. */
class HostileConfigTest {
    private static final String KEY = "CANARYcanaryCANARYcanary";
    private static final String NO_KEY = "REGISTRATION_KEY: \"\"";

    @TempDir
    private Path folder;

    private RelayConfig read(String yaml, Map<String, String> environment) throws IOException, InvalidConfig {
        Path file = Files.writeString(folder.resolve("relay.yaml"), yaml);
        return ConfigReader.read(Optional.of(file), new ConfigReader.Environment(environment, 1L << 30, 65_536));
    }

    private List<String> refused(String yaml, Map<String, String> environment) {
        return assertThrows(InvalidConfig.class, () -> read(yaml, environment)).lines();
    }

    private static String packed() throws IOException {
        return Files.readString(Path.of("application.yaml"));
    }

    /** Messages of a parser quote the line with the error. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"CANARYcanaryCANARYcanary\\q\"",
                "@CANARYcanaryCANARYcanary",
                "%CANARYcanaryCANARYcanary",
                "\"CANARYcanaryCANARYcanary"
            })
    void anErrorInTheLineOfTheRegistrationKeyDoesNotPrintIt(String value) throws IOException {
        List<String> lines = refused(packed().replace(NO_KEY, "REGISTRATION_KEY: " + value), Map.of());
        assertThat(lines, hasSize(1));
        assertThat(lines.getFirst(), not(containsString("CANARY")));
        assertThat(lines.getFirst(), containsString("line "));
    }

    /** Under the option's name, with or without the mapping that files of earlier versions have. */
    @ParameterizedTest
    @ValueSource(strings = {"", "limits:\n  registration-key: \"${REGISTRATION_KEY}\"\n"})
    void theRegistrationKeyCountsWithAndWithoutItsMapping(String mapping) throws IOException, InvalidConfig {
        assertThat(
                read(packed() + mapping, Map.of("REGISTRATION_KEY", KEY))
                        .limits()
                        .registrationKey(),
                is(Optional.of(Sha256.of(KEY))));
        assertThat(
                read(packed().replace(NO_KEY, "REGISTRATION_KEY: \"" + KEY + "\"") + mapping, Map.of())
                        .limits()
                        .registrationKey(),
                is(Optional.of(Sha256.of(KEY))));
    }

    @Test
    void aValueThatRefersToItselfIsOneLine() throws IOException {
        String line = "PORT: given 'a value that refers to itself'; allowed: a whole number from 0 to 65535";
        assertThat(refused(packed(), Map.of("PORT", "${PORT}")), is(List.of(line)));
        assertThat(refused(packed().replace("PORT: 8787", "PORT: \"${PORT}\""), Map.of()), is(List.of(line)));
        for (Option option : Option.values()) {
            List<String> lines = refused(packed(), Map.of(option.name(), "${" + option.name() + "}"));
            assertThat(lines, hasSize(1));
            assertThat(lines.getFirst(), containsString(option + ": given "));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "just text",
                "- a\n- list",
                "x: &a [*a]",
                "x: &a {y: *a}",
                "\u0000",
                "a: b: c",
                "!!java.lang.Thread {}",
                "PORT: !!java.io.File /",
                "\"\": 1",
                "a..b: 1",
                ".PORT: 1",
                "PORT.: 1",
                "PORT: 1\n---\nPORT: 2",
                "<<: {PORT: 1}",
                "[PORT]: 1",
                "PORT: [1]"
            })
    void aFileWithoutOptionsIsAnErrorWithoutStackTrace(String yaml) {
        for (String line : refused(yaml, Map.of())) {
            assertThat(line.lines().count(), is(1L));
            assertThat(line, not(containsString("Exception")));
            assertThat(line, not(containsString("java.base")));
        }
    }

    /** The URL of a store may have a password in it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://user:CANARY@host:x",
                "redis://:CANARY@host/database",
                "redis://CANARY@host",
                "http://user:CANARY@host",
                "redis+sentinel://:CANARY@host"
            })
    void aWrongStoreIsOneLineWithoutItsPassword(String url) throws IOException {
        List<String> lines = refused(packed(), Map.of("STORE", url));
        assertThat(lines, hasSize(1));
        assertThat(lines.getFirst(), containsString("STORE"));
        assertThat(lines.getFirst(), not(containsString("CANARY")));
    }

    @Test
    void aPasswordOfTheStoreIsNotShown() throws IOException, InvalidConfig {
        RelayConfig config = read(packed(), Map.of("STORE", "redis://user:CANARY@host/1"));
        assertThat(config.lines().toString(), containsString("redis://host:6379/1"));
        assertThat(config.lines().toString() + config, not(containsString("CANARY")));
    }

    @Test
    void aDirectoryIsNotAFile() {
        assertThat(
                assertThrows(
                                InvalidConfig.class,
                                () -> ConfigReader.read(
                                        Optional.of(folder), new ConfigReader.Environment(Map.of(), 1L << 30, 65_536)))
                        .lines(),
                hasSize(1));
    }
}
