package dev.harp.relay.config;

import dev.harp.relay.log.Logs;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.FileDescriptors;
import dev.harp.relay.net.Network;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.file.Sync;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads {@code application.yaml} and the environment, and checks everything. */
public final class ConfigReader {
    private static final String FILE = "application.yaml";

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._~+/-]{15,255}[A-Za-z0-9._~+/=-]");
    private static final Pattern PLACE = Pattern.compile("line \\d+, column \\d+");
    private static final int ANY_NUMBER = 1_000_000;
    private static final int RECORDS = 10_000_000;
    private static final int CONNECTIONS = 20_000;

    /** Fewer are told of also if nobody has asked for more. */
    private static final int FEW_CONNECTIONS = CONNECTIONS / 2;

    private static final int FEWEST_CONNECTIONS = 16;
    private static final int BODY_FRAME = 4096;
    private static final long MEBIBYTE = 1 << 20;

    /**
     * What the process runs in.
     *
     * @param environment the environment variables
     * @param maxHeap the largest that the Java heap may become, in bytes
     * @param openFiles how many files the process may open
     */
    public record Environment(Map<String, String> environment, long maxHeap, long openFiles) {

        /** Copies the environment. */
        public Environment {
            environment = Map.copyOf(environment);
        }

        /** Without the environment, in which there are other people's secrets beside the registration key. */
        @Override
        public String toString() {
            return "Surroundings[" + environment.size() + " variables, heap " + maxHeap + ", files " + openFiles + "]";
        }
    }

    private ConfigReader() {}

    /**
     * Reads and checks.
     *
     * @param file the file to read. An option that it does not have, or all if there is no file, is as in the file that the relay was built with ({@code Defaults}, made by the build):
     *     so the file of an older version goes on to do
     * @throws InvalidConfig if any option is wrong
     */
    public static RelayConfig read(Optional<Path> file, Environment surroundings) throws InvalidConfig {
        String name = file.map(Path::toString).orElse(FILE);
        if (file.isPresent() && !Files.isReadable(file.get())) {
            throw new InvalidConfig(List.of(name + ": cannot be read"));
        }
        if (file.isPresent() && Files.isDirectory(file.get())) {
            throw new InvalidConfig(List.of(name + ": is a directory, and was to be a file"));
        }
        try {
            Map<String, String> values = new HashMap<>(Defaults.PLACES);
            if (file.isPresent()) {
                values.putAll(yaml(file.get()));
            }
            values.putAll(overrides(surroundings));
            return check(new Options(Yaml.resolved(values)), surroundings);
        } catch (IOException e) {
            throw new InvalidConfig(List.of(name + ": cannot be read"));
        } catch (RuntimeException | StackOverflowError e) {
            throw new InvalidConfig(List.of(name + ": is not valid YAML, or a value refers to itself" + place(e)));
        }
    }

    private static Map<String, String> yaml(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Yaml.read(in);
        }
    }

    /** Where the mistake is, and no more: the parsers' messages quote what stands there, and that may be the registration key. */
    private static String place(Throwable mistake) {
        return PLACE.matcher(String.valueOf(mistake.getMessage()))
                .results()
                .reduce((_, last) -> last)
                .map(found -> " (" + found.group() + ")")
                .orElse("");
    }

    /** An empty variable is what is left of one that somebody else has not set: it counts as not set. */
    private static Map<String, String> overrides(Environment surroundings) {
        return surroundings.environment().entrySet().stream()
                .filter(variable ->
                        Option.isName(variable.getKey()) && !variable.getValue().isBlank())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static RelayConfig check(Options options, Environment surroundings) throws InvalidConfig {
        List<String> warnings = new ArrayList<>();
        Sync sync = word(options, Option.FSYNC, List.of(Sync.values()));
        Storage storage = options.secret(
                        Option.STORE,
                        Storage.ALLOWED,
                        ConfigReader::mayHoldAPassword,
                        text -> Storage.parse(text, sync))
                .orElseGet(Storage.InMemory::new);
        RelayConfig.Server server = server(options, surroundings, warnings);
        RelayConfig.Admin admin = new RelayConfig.Admin(
                address(options, Option.ADMIN_HOST), options.integer(Option.ADMIN_PORT, 0, 65_535));
        RelayConfig.Limits limits = limits(options, server);
        ProtocolLimits terms = terms(options, server);
        Capacity capacity = capacity(options, surroundings);
        RelayConfig.WebhookSender webhooks = OutboundOptions.webhooks(options);
        RelayConfig.Push push = OutboundOptions.push(options);
        RelayConfig.Log log = log(options);
        if (!options.allRight()) {
            throw new InvalidConfig(options.errors());
        }
        return new RelayConfig(
                server, admin, limits, storage, terms, capacity, webhooks, push, log, List.copyOf(warnings));
    }

    /** What looks like a URL, or was to be one. */
    private static boolean mayHoldAPassword(String store) {
        return store.contains("//") || store.contains("@");
    }

    private static RelayConfig.Server server(Options options, Environment surroundings, List<String> warnings) {
        int asked = options.integer(Option.MAX_CONNECTIONS, 0, ANY_NUMBER);
        long room = FileDescriptors.room(surroundings.openFiles());
        int wanted = asked == 0 ? CONNECTIONS : asked;
        int maxConnections = (int) Math.min(wanted, room);
        if (maxConnections < FEWEST_CONNECTIONS) {
            options.wrong(
                    Option.MAX_CONNECTIONS,
                    asked + " with a limit of " + surroundings.openFiles() + " open files",
                    "0 or at least " + FEWEST_CONNECTIONS + ", and a limit (ulimit -n) of 1024 or more");
        } else if (maxConnections < (asked == 0 ? FEW_CONNECTIONS : asked)) {
            warnings.add("MAX_CONNECTIONS: lowered from " + wanted + " to " + maxConnections + ", because "
                    + surroundings.openFiles() + " open files are allowed (ulimit -n)");
        }
        return new RelayConfig.Server(
                address(options, Option.HOST),
                options.integer(Option.PORT, 0, 65_535),
                options.parsed(
                                Option.TRUSTED_PROXIES,
                                "addresses and networks such as 127.0.0.0/8, ::1, comma-separated",
                                ConfigReader::networks)
                        .orElse(List.of()),
                maxConnections,
                options.seconds(Option.HEADER_TIMEOUT, 1, 300),
                options.seconds(Option.BODY_TIMEOUT, 1, 300),
                options.seconds(Option.IDLE_TIMEOUT, 1, 3600),
                options.seconds(Option.DRAIN_TIMEOUT, 0, 60),
                options.integer(Option.MAX_BODY, BODY_FRAME, 4 * (int) MEBIBYTE));
    }

    private static String address(Options options, Option option) {
        return options.parsed(option, "an address or a host name", ConfigReader::host)
                .orElse("");
    }

    private static RelayConfig.Limits limits(Options options, RelayConfig.Server server) {
        int waiters = options.integer(Option.MAX_WAITERS, 0, ANY_NUMBER);
        int connections = server.maxConnections();
        return new RelayConfig.Limits(
                options.secret(
                                Option.REGISTRATION_KEY,
                                "none, or 16 to 256 characters of A-Z a-z 0-9 - . _ ~ + / and a trailing =",
                                ConfigReader::key)
                        .orElse(Optional.empty()),
                options.integer(Option.RATE_LIMIT_PAIR, 0, ANY_NUMBER),
                options.integer(Option.RATE_LIMIT_CLIENT, 0, ANY_NUMBER),
                waiters > 0 ? waiters : connections - Math.min(256, connections / 10 + 1),
                options.seconds(Option.MAX_WAIT, 1, 3600),
                options.seconds(Option.MAX_STREAM, 1, 86_400),
                options.seconds(Option.STREAM_HEARTBEAT, 1, 300),
                options.parsed(
                                Option.CORS_ORIGINS,
                                "origins such as https://app.example.org, comma-separated and without a path, or a"
                                        + " single *",
                                Origins::parse)
                        .orElse(Origins.NONE));
    }

    private static ProtocolLimits terms(Options options, RelayConfig.Server server) {
        Duration retention = options.seconds(Option.RETENTION, 30, 604_800);
        Duration replayWindow = options.seconds(Option.REPLAY_WINDOW, 30, 3600);
        int ciphertext = options.integer(Option.MAX_CIPHERTEXT, 1024, (int) MEBIBYTE);
        if (options.allRight() && retention.compareTo(replayWindow) < 0) {
            options.wrong(
                    Option.RETENTION,
                    "" + retention.toSeconds(),
                    "not less than REPLAY_WINDOW, " + replayWindow.toSeconds()
                            + ", or a forgotten id could be replayed");
        }
        if (options.allRight() && server.maxBody() - BODY_FRAME < ciphertext) {
            options.wrong(
                    Option.MAX_BODY,
                    "" + server.maxBody(),
                    "not less than MAX_CIPHERTEXT and " + BODY_FRAME + " more, " + (ciphertext + BODY_FRAME));
        }
        return new ProtocolLimits(
                retention, replayWindow, options.integer(Option.MAX_OPEN_REQUESTS, 1, 10_000), ciphertext);
    }

    private static Capacity capacity(Options options, Environment surroundings) {
        long bytes = options.integer(Option.MAX_STORED_BYTES, 0L, Long.MAX_VALUE / 1024);
        long most = surroundings.maxHeap() / 5 * 4;
        if (bytes != 0 && (bytes < MEBIBYTE || bytes > most)) {
            options.wrong(
                    Option.MAX_STORED_BYTES,
                    "" + bytes,
                    "0 for half of the Java heap, or " + MEBIBYTE + " to " + most + ", four fifths of it");
        }
        return new Capacity(
                bytes == 0 ? surroundings.maxHeap() / 2 : bytes,
                options.integer(Option.MAX_PAIRINGS, 1, RECORDS),
                options.integer(Option.MAX_DEVICES, 1, RECORDS));
    }

    private static RelayConfig.Log log(Options options) {
        return new RelayConfig.Log(
                word(options, Option.LOG_LEVEL, List.of(Level.ERROR, Level.WARNING, Level.INFO, Level.DEBUG)),
                word(options, Option.LOG_FORMAT, List.of(Logs.Format.values())),
                word(options, Option.LOG_CLIENT, List.of(AddressFormat.values())));
    }

    /** One of the words, in lower case; the first of them after an error. */
    private static <E extends Enum<E>> E word(Options options, Option option, List<E> words) {
        Function<E, String> text = word -> word.name().toLowerCase(Locale.ROOT);
        return options.parsed(
                        option,
                        words.stream().map(text).collect(Collectors.joining(", ")),
                        given -> words.stream()
                                .filter(word -> text.apply(word).equals(given))
                                .findFirst())
                .orElse(words.getFirst());
    }

    private static Optional<String> host(String text) {
        return Optional.of(text).filter(host -> host.matches("[A-Za-z0-9._:%-]{1,255}"));
    }

    private static Optional<List<Network>> networks(String text) {
        List<String> parts = Stream.of(text.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
        List<Network> networks =
                parts.stream().flatMap(part -> Network.parse(part).stream()).toList();
        return networks.size() == parts.size() ? Optional.of(networks) : Optional.empty();
    }

    private static Optional<Optional<Sha256>> key(String text) {
        return text.isEmpty() || KEY.matcher(text).matches()
                ? Optional.of(Optional.of(text).filter(key -> !key.isEmpty()).map(Sha256::of))
                : Optional.empty();
    }
}
