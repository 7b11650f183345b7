package dev.harp.relay;

import dev.harp.relay.doctor.Doctor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** What the words behind {@code harp-relay} ask for. */
sealed interface CommandLine {
    /** What {@code --help} prints. */
    String HELP = """
        usage: harp-relay [--config FILE] [--check-config]
               harp-relay doctor [URL] [--ca FILE] [--wait SECONDS]
               harp-relay vapid-keys
               harp-relay --help | --version

          --config FILE    read this file instead of the application.yaml beside the program
          --check-config   read and check the configuration, print the values that count, and end
          --help           print this
          --version        print the version

          doctor           look at a running relay as its clients reach it, through the proxy, and say what to change where
            URL            where clients reach it, http://HOST[:PORT] or https://HOST[:PORT]; default this machine and PORT
            --ca FILE      trust the certificates in this PEM file, and not those that come with Java
            --wait SECONDS how long the long poll is, 1 to 540; default 65
          vapid-keys       print a new key pair for Web Push, as VAPID_KEY wants it
          The registration key, if the relay has one, is taken from the environment variable REGISTRATION_KEY.

        Each option in application.yaml is also an environment variable of the same name, which overrides the file.
        Exit codes: 0 ended as told, 1 failed, 2 wrong command line or configuration, 3 cannot listen,
        4 the store cannot be opened. Of doctor: 0 all is well, 1 there is something to change, 2 wrong command line.
        """;

    /** As long as a relay's longest by default. */
    int LONGEST_WAIT = 540;

    /** Run with the file, if one is named. */
    record Run(Optional<Path> file) implements CommandLine {}

    /** Only check the configuration. */
    record Check(Optional<Path> file) implements CommandLine {}

    /**
     * Look at a running relay.
     *
     * @param url where; not looked at yet
     * @param ca whose certificates to trust, if not Java's
     * @param poll how long the long poll is
     */
    record Examine(Optional<String> url, Optional<Path> ca, Duration poll) implements CommandLine {}

    /** Make a key pair for Web Push. */
    record MakeVapidKeys() implements CommandLine {}

    /** Tell how to use it. */
    record Help() implements CommandLine {}

    /** Tell the version. */
    record Version() implements CommandLine {}

    /** Not understood; one line says why. */
    record Wrong(String line) implements CommandLine {}

    /** Understands the words. {@code --help} and {@code --version} count before everything but a word that is not known. */
    static CommandLine of(String... words) {
        if (words.length > 0 && words[0].equals("doctor")) {
            return examine(List.of(words).subList(1, words.length));
        }
        if (words.length > 0 && words[0].equals("vapid-keys")) {
            return alone(words);
        }
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
                            + "'; allowed: doctor, vapid-keys, --config FILE, --check-config, --help, --version");
                }
            }
        }
        Optional<Path> named = file;
        boolean checking = check;
        return telling.orElseGet(() -> checking ? new Check(named) : new Run(named));
    }

    private static CommandLine alone(String... words) {
        if (words.length == 1) {
            return new MakeVapidKeys();
        }
        return words[1].equals("--help") || words[1].equals("-h")
                ? new Help()
                : new Wrong("vapid-keys: unknown argument '" + printable(words[1]) + "'; it takes none");
    }

    private static CommandLine examine(List<String> words) {
        Optional<String> url = Optional.empty();
        Optional<Path> ca = Optional.empty();
        Duration wait = Doctor.POLL;
        Iterator<String> rest = words.iterator();
        while (rest.hasNext()) {
            String word = rest.next();
            boolean takesValue = word.equals("--ca") || word.equals("--wait");
            String value = takesValue && rest.hasNext() ? rest.next() : "";
            if (word.equals("--help") || word.equals("-h")) {
                return new Help();
            } else if (word.equals("--wait")) {
                if (!value.matches("[1-9]\\d{0,2}") || Integer.parseInt(value) > LONGEST_WAIT) {
                    return new Wrong("--wait needs a number of seconds from 1 to " + LONGEST_WAIT);
                }
                wait = Duration.ofSeconds(Integer.parseInt(value));
            } else if (word.equals("--ca")) {
                if (value.isEmpty() || value.startsWith("--") || value.indexOf('\0') >= 0) {
                    return new Wrong("--ca needs the name of a file");
                }
                ca = Optional.of(Path.of(value));
            } else if (word.startsWith("-") || url.isPresent()) {
                return new Wrong(
                        "doctor: unknown argument '" + printable(word) + "'; allowed: URL, --ca FILE, --wait SECONDS");
            } else {
                url = Optional.of(word);
            }
        }
        return new Examine(url, ca, wait);
    }

    private static String printable(String word) {
        String line = word.replaceAll("[^ -~]", "?");
        return line.length() <= 100 ? line : line.substring(0, 100) + "...";
    }
}
