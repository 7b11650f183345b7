package dev.harp.relay.config;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/** Reads configurations. */
abstract class ConfigRig {
    static final long HEAP = 1L << 32;
    static final long FILES = 65_536;

    @TempDir
    Path folder;

    static RelayConfig read(Map<String, String> environment) throws InvalidConfig {
        return ConfigReader.read(Optional.empty(), new ConfigReader.Environment(environment, HEAP, FILES));
    }

    static List<String> refused(Map<String, String> environment) {
        return assertThrows(InvalidConfig.class, () -> read(environment)).lines();
    }

    List<String> refusedFile(String text) {
        return assertThrows(InvalidConfig.class, () -> readFile(text)).lines();
    }

    RelayConfig readFile(String text) throws IOException, InvalidConfig {
        Path file = Files.writeString(folder.resolve("relay.yaml"), text);
        return ConfigReader.read(Optional.of(file), new ConfigReader.Environment(Map.of(), HEAP, FILES));
    }

    static String packed() throws IOException {
        return Files.readString(Path.of("application.yaml"));
    }
}
