package dev.harp.relay.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Secrets in files, as Docker, Kubernetes and systemd hand them to a process: the variable {@code NAME_FILE} names a
 * file with the value of the option {@code NAME}. No error shows what is in a file.
 */
final class SecretFiles {
    /** The options that have such a variable. */
    static final Set<Option> OPTIONS =
            Set.of(Option.REGISTRATION_KEY, Option.STORE, Option.EXPO_ACCESS_TOKEN, Option.VAPID_KEY);

    private static final int MOST = 8192;

    private SecretFiles() {}

    /**
     * Adds the options whose values are in files.
     *
     * @param environment the variables of the process; an empty one counts as not set
     * @param options the options of the environment, to which those of the files are added
     * @throws InvalidConfig if a file cannot be used, or its option is given as well
     */
    static void read(Map<String, String> environment, Map<String, String> options) throws InvalidConfig {
        List<String> errors = new ArrayList<>();
        for (Option option : OPTIONS.stream().sorted().toList()) {
            String variable = option + "_FILE";
            String path = environment.getOrDefault(variable, "");
            if (path.isBlank()) {
                continue;
            }
            try {
                if (options.containsKey(option.name())) {
                    throw new IOException("and " + option + " as well; allowed: one of the two");
                }
                options.put(option.name(), value(path.strip()));
            } catch (IOException e) {
                errors.add(variable + ": given '" + Options.printable(path) + "', " + e.getMessage());
            }
        }
        if (!errors.isEmpty()) {
            throw new InvalidConfig(errors);
        }
    }

    /** @throws IOException with a message for people, which ends a sentence */
    private static String value(String path) throws IOException {
        try {
            Path file = Path.of(path);
            if (Files.isDirectory(file)) {
                throw new IOException("which is a directory; allowed: a file with the value");
            }
            return value(file);
        } catch (NoSuchFileException | InvalidPathException _) {
            throw new IOException("which does not exist; allowed: a file that the relay can read");
        } catch (AccessDeniedException _) {
            throw new IOException("which this user may not read; allowed: a file that the relay can read");
        } catch (CharacterCodingException _) {
            throw new IOException("which is not text in UTF-8; allowed: a file with the value");
        }
    }

    private static String value(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST + 1);
            if (bytes.length > MOST) {
                throw new IOException("which has more than " + MOST + " bytes; allowed: a file with the value");
            }
            String value = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .strip();
            if (value.isEmpty()) {
                throw new IOException("which is empty; allowed: a file with the value");
            }
            return value;
        }
    }
}
