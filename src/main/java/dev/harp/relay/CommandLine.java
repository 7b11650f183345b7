package dev.harp.relay;

import java.nio.file.Path;
import java.util.Optional;

/** What the words behind {@code harp-relay} ask for. */
sealed interface CommandLine {
    /** What {@code --help} prints. */
    String HELP = """
        usage: harp-relay [--config FILE] [--check-config]
               harp-relay --help | --version

          --config FILE    read this file instead of the application.yaml beside the program
          --check-config   read and check the configuration, print the values that count, and end
          --help           print this
          --version        print the version

        Each option in application.yaml is also an environment variable of the same name, which overrides the file.
        Exit codes: 0 ended as told, 1 failed, 2 wrong command line or configuration, 3 cannot listen,
        4 the store cannot be opened.
        """;

    /** Run with the file, if one is named. */
    record Run(Optional<Path> file) implements CommandLine {}

    /** Only check the configuration. */
    record Check(Optional<Path> file) implements CommandLine {}

    /** Tell how to use it. */
    record Help() implements CommandLine {}

    /** Tell the version. */
    record Version() implements CommandLine {}

    /** Not understood; one line says why. */
    record Wrong(String line) implements CommandLine {}

    /** Understands the words. {@code --help} and {@code --version} count before everything but a word that is not known. */
    static CommandLine of(String... words) {
        Optional<Path> file = Optional.empty();
        boolean check = false;
        Optional<CommandLine> telling = Optional.empty();
        for (int i = 0; i < words.length; i++) {
            switch (words[i]) {
                case "--help", "-h" -> telling = Optional.of(new Help());
                case "--version" -> telling = telling.or(() -> Optional.of(new Version()));
                case "--check-config" -> check = true;
                case "--config" -> {
                    if (file.isPresent()) {
                        return new Wrong("--config may be given once");
                    }
                    if (i + 1 == words.length || words[i + 1].isEmpty() || words[i + 1].startsWith("--")) {
                        return new Wrong("--config needs the name of a file");
                    }
                    i++;
                    try {
                        file = Optional.of(Path.of(words[i]));
                    } catch (java.nio.file.InvalidPathException e) {
                        return new Wrong("--config: '" + printable(words[i]) + "' is no name of a file");
                    }
                }
                default -> {
                    return new Wrong("unknown argument '" + printable(words[i])
                            + "'; allowed: --config FILE, --check-config, --help, --version");
                }
            }
        }
        Optional<Path> named = file;
        boolean checking = check;
        return telling.orElseGet(() -> checking ? new Check(named) : new Run(named));
    }

    private static String printable(String word) {
        String line = word.replaceAll("[^ -~]", "?");
        return line.length() <= 100 ? line : line.substring(0, 100) + "...";
    }
}
