package dev.harp.relay.config;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options in a file: names, spellings, mappings and errors. */
class ConfigFileTest extends ConfigRig {
    /** The file of an earlier version, or one with a few options only. */
    @ParameterizedTest
    @ValueSource(strings = {"PORT: 9000\n", "PORT: 9000\nserver:\n  port: \"${PORT}\"\n"})
    void optionsThatAFileDoesNotHaveHaveTheirDefaults(String text) throws IOException, InvalidConfig {
        Path file = Files.writeString(folder.resolve("relay.yaml"), text);
        RelayConfig config = ConfigReader.read(
                Optional.of(file), new ConfigReader.Environment(Map.of("MAX_WAIT", "60"), HEAP, FILES));
        assertThat(
                config.lines(),
                is(read(Map.of("PORT", "9000", "MAX_WAIT", "60")).lines()));
    }

    /** Only the misspelt name, and no error that follows from it. */
    @Test
    void aMisspeltNameIsOneLine() throws IOException {
        assertThat(refusedFile(packed().replace("\nPORT:", "\nPROT:")), is(List.of("PROT: there is no such option")));
    }

    @Test
    void tooFewOpenFilesAreRefused() {
        var none = new ConfigReader.Environment(Map.of(), HEAP, 256);
        List<String> lines = assertThrows(InvalidConfig.class, () -> ConfigReader.read(Optional.empty(), none))
                .lines();
        assertThat(lines.getFirst(), allOf(startsWith("MAX_CONNECTIONS"), containsString("ulimit")));
    }

    @Test
    void anUnknownKeyIsNamed() throws IOException {
        assertThat(refusedFile(packed() + "\nretnetion: 5\n"), is(List.of("retnetion: there is no such option")));
    }

    @Test
    void malformedYamlIsOneLine() throws IOException {
        List<String> lines = refusedFile("PORT: [1, 2\nHOST: }");
        assertThat(lines, hasSize(1));
        assertThat(lines.getFirst(), containsString("relay.yaml"));
        assertThat(lines.getFirst().lines().count(), is(1L));
    }

    @Test
    void aMissingFileIsNamed() {
        Path nowhere = folder.resolve("nowhere.yaml");
        List<String> lines = assertThrows(
                        InvalidConfig.class,
                        () -> ConfigReader.read(
                                Optional.of(nowhere), new ConfigReader.Environment(Map.of(), HEAP, FILES)))
                .lines();
        assertThat(lines, hasItem(containsString("nowhere.yaml")));
    }

    /** The comment in the file is the documentation of the option. */
    @ParameterizedTest
    @EnumSource(Option.class)
    void everyOptionIsInTheFileWithAComment(Option option) throws IOException {
        List<String> lines = packed().lines().toList();
        int line = -1;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(option.name() + ":")) {
                line = i;
            }
        }
        assertThat(option + " stands in application.yaml", line > 0, is(true));
        assertThat(lines.get(line - 1), startsWith("#"));
    }

    /** The same file, given as a file and packed as the defaults. */
    @Test
    void withoutAFileTheOptionsAreThoseOfTheFile() throws InvalidConfig, IOException {
        assertThat(readFile(packed()), is(read(Map.of())));
    }

    /** The card of the server: its port and its host come from these two mappings. */
    @Test
    void theServerTakesPortAndHostFromTheirMappings() throws IOException, InvalidConfig {
        assertThat(packed(), containsString("\nserver:\n  port: \"${PORT}\"\n  host: \"${HOST}\"\n"));
        RelayConfig.Server server =
                readFile("server:\n  port: 9000\n  host: localhost\n").server();
        assertThat(server.host() + ":" + server.port(), is("localhost:9000"));
    }

    /** Files of earlier versions end with a mapping for each option. */
    @ParameterizedTest
    @EnumSource(Option.class)
    void theMappingsOfEarlierFilesStillWork(Option option) throws IOException, InvalidConfig {
        String mapping = option.key().replace(".", ":\n  ") + ": \"${" + option.name() + "}\"\n";
        String file = packed();
        file = file.substring(0, file.indexOf("\nserver:")) + "\n" + mapping;
        assertThat(readFile(file), is(read(Map.of())));
    }

    /** Helidon's own parser makes numbers and booleans of these first, and gives other text back. */
    @ParameterizedTest
    @CsvSource({
        "MAX_DEVICES, 010001, 10001",
        "MAX_DEVICES, 100_000, ",
        "MAX_DEVICES, 0x10, ",
        "MAX_DEVICES, 1234567890123456.0, ",
        "MAX_DEVICES, 1e3, ",
        "MAX_WAIT, 9:00, ",
        "WEBHOOKS, on, '\"on\"'",
        "WEBHOOKS, true, ",
        "PUSH, off, '\"off\"'",
        "STORE, memory, memory",
        "STORE, file:2026-01-01, file:2026-01-01",
        "VAPID_SUBJECT, null, '\"\"'",
        "VAPID_SUBJECT, ~, '\"\"'",
        "VAPID_SUBJECT, '', '\"\"'",
        "VAPID_SUBJECT, !!str https://me.example, '\"https://me.example\"'",
    })
    void scalarsAreReadAsTheyAreWritten(String option, String written, String effective) throws Exception {
        String text = option + ": " + written + "\n";
        if (effective == null) {
            assertThat(refusedFile(text).toString(), containsString(option + ": given '" + written + "'"));
        } else {
            assertThat(readFile(text).lines(), hasItem(option + ": " + effective));
        }
    }

    /** A second line for an option is easily overlooked, and only one of the two can count. */
    @Test
    void aKeyThatStandsTwiceIsRefusedWithBothLines() throws IOException {
        assertThat(
                refusedFile("PORT: 1\nHOST: localhost\nPORT: 1\n").getFirst(),
                endsWith("relay.yaml: the same key stands twice (lines 1 and 3)"));
        assertThat(refusedFile("server:\n  port: 1\n  port: 2\n").getFirst(), endsWith("twice (lines 2 and 3)"));
        assertThat(refusedFile("server:\n  port: 1\n\nserver.port: 2\n").getFirst(), endsWith("twice (lines 2 and 4)"));
    }
}
