package dev.harp.relay.config;

import dev.harp.relay.log.Logs;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.Network;
import dev.harp.relay.net.Origins;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Shares;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.file.Sync;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.config.spi.ConfigParserException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads {@code application.yaml} and the environment by Helidon's configuration, and checks every option. */
public final class ConfigReader {
    private static final String DEFAULTS = "application.yaml";

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._~+/-]{15,255}[A-Za-z0-9._~+/=-]");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]{1,255}");
    static final int ANY_NUMBER = 1_000_000;
    private static final int MAX_RECORDS = 10_000_000;

    /** What a request's body has beside the ciphertext, in bytes. */
    private static final int BODY_FRAME = 4096;

    static final long MEBIBYTE = 1 << 20;

    /**
     * The process that the options are for.
     *
     * @param environment the environment variables
     * @param maxHeap the maximum size of the Java heap, in bytes
     * @param openFiles how many files the process may have open
     */
    public record Environment(Map<String, String> environment, long maxHeap, long openFiles) {

        /** Copies the environment. */
        public Environment {
            environment = Map.copyOf(environment);
        }

        /** Without the variables: they hold secrets, of other programs as well. */
        @Override
        public String toString() {
            return "Environment[" + environment.size() + " variables, heap " + maxHeap + ", files " + openFiles + "]";
        }
    }

    private ConfigReader() {}

    /**
     * Reads the options, from the first of these that has a value: the environment, the file, and the defaults, which
     * are the {@code application.yaml} that the relay was built with.
     *
     * @throws InvalidConfig if any option is wrong
     */
    public static RelayConfig read(Optional<Path> file, Environment environment) throws InvalidConfig {
        String name = file.map(Path::toString).orElse(DEFAULTS);
        if (file.isPresent() && (!Files.isReadable(file.get()) || Files.isDirectory(file.get()))) {
            throw new InvalidConfig(List.of(name + ": cannot be read, or is a directory"));
        }
        try {
            return check(new Options(config(file, environment)), environment);
        } catch (ConfigException e) {
            throw new InvalidConfig(List.of(name + ": " + parseError(e)));
        }
    }

    /**
     * Of Helidon's sources none is used that the relay does not name. Its source of environment variables would take
     * {@code SERVER_PORT}, which Kubernetes sets to {@code tcp://...} for a service named {@code server}, as
     * {@code server.port}.
     */
    private static Config config(Optional<Path> file, Environment environment) throws InvalidConfig {
        OptionsParser parser = new OptionsParser();
        Config.Builder config = Config.builder()
                .disableEnvironmentVariablesSource()
                .disableSystemPropertiesSource()
                .disableParserServices()
                .disableMapperServices()
                .disableFilterServices()
                .disableKeyResolving()
                .addSource(ConfigSources.create(variables(environment)));
        file.ifPresent(path -> config.addSource(ConfigSources.file(path).parser(parser)));
        return config.addSource(ConfigSources.classpath(DEFAULTS).parser(parser))
                .build();
    }

    /** The options of the environment, and of the files that it names. An empty variable counts as not set. */
    private static Map<String, String> variables(Environment environment) throws InvalidConfig {
        Map<String, String> variables = new HashMap<>(environment.environment());
        variables
                .entrySet()
                .removeIf(variable ->
                        !Option.isName(variable.getKey()) || variable.getValue().isBlank());
        SecretFiles.read(environment.environment(), variables);
        return variables;
    }

    /**
     * Only the parser's own messages may be shown: those of libraries quote the file, and so perhaps the registration
     * key.
     */
    private static String parseError(ConfigException thrown) {
        return Stream.iterate((Throwable) thrown, Objects::nonNull, Throwable::getCause)
                .filter(ConfigParserException.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst()
                .orElse("cannot be read");
    }

    private static RelayConfig check(Options options, Environment environment) throws InvalidConfig {
        List<String> warnings = new ArrayList<>();
        int maxAnswer = options.integer(Option.MAX_ANSWER, ProtocolLimits.LEAST_MAX_ANSWER, (int) MEBIBYTE);
        Storage storage = storage(options);
        MemoryOptions memory =
                MemoryOptions.read(options, environment, !(storage instanceof Storage.InRedis), warnings);
        RelayConfig.Server server = server(options, memory.connections(), maxAnswer + BODY_FRAME, warnings);
        RelayConfig config = new RelayConfig(
                server,
                new RelayConfig.Admin(
                        address(options, Option.ADMIN_HOST), options.integer(Option.ADMIN_PORT, 0, 65_535)),
                limits(options, memory.waiters()),
                storage,
                terms(options, server, maxAnswer),
                capacity(options, memory.records()),
                memory.buffers(),
                memory.fetchedAnswers(),
                OutboundOptions.webhooks(options),
                OutboundOptions.push(options, server.publicUrl(), warnings),
                log(options),
                warnings,
                options.lines());
        if (!options.allRight()) {
            throw new InvalidConfig(options.errors());
        }
        return config;
    }

    private static Storage storage(Options options) {
        Sync sync = options.word(Option.FSYNC, List.of(Sync.values()));
        Storage storage = options.parse(
                        Option.STORE, Storage.ALLOWED, ConfigReader::mayHoldPassword, text -> Storage.parse(text, sync))
                .orElseGet(Storage.InMemory::new);
        options.effective(Option.STORE, storage.toString());
        return storage;
    }

    /** Whether the text is a URL, or was meant to be one. */
    private static boolean mayHoldPassword(String store) {
        return store.contains("//") || store.contains("@");
    }

    private static RelayConfig.Server server(
            Options options, int maxConnections, int leastBody, List<String> warnings) {
        return new RelayConfig.Server(
                address(options, Option.HOST),
                options.integer(Option.PORT, 0, 65_535),
                publicUrl(options),
                options.onOff(Option.APP),
                networks(options, Option.TRUSTED_PROXIES),
                maxConnections,
                options.seconds(Option.HEADER_TIMEOUT, 1, 300),
                options.seconds(Option.BODY_TIMEOUT, 1, 300),
                options.seconds(Option.IDLE_TIMEOUT, 1, 3600),
                options.seconds(Option.DRAIN_TIMEOUT, 0, 60),
                maxBody(options, leastBody, warnings));
    }

    /** Raised if an answer does not fit into it: earlier versions had no bound of their own for answers. */
    private static int maxBody(Options options, int least, List<String> warnings) {
        int asked = options.integer(Option.MAX_BODY, BODY_FRAME, 4 * (int) MEBIBYTE);
        if (asked < least) {
            warnings.add("MAX_BODY: raised from " + asked + " to " + least + ", which is MAX_ANSWER and " + BODY_FRAME
                    + " more");
        }
        int most = Math.max(asked, least);
        options.effective(Option.MAX_BODY, "" + most);
        return most;
    }

    private static List<Network> networks(Options options, Option option) {
        return options.list(option, "addresses and networks such as 127.0.0.0/8, ::1, comma-separated", Network::parse);
    }

    private static Optional<String> publicUrl(Options options) {
        String url = options.parsed(
                Option.PUBLIC_URL,
                PublicUrl.ALLOWED,
                "",
                text -> text.isEmpty() ? Optional.of(text) : PublicUrl.parse(text));
        return Optional.of(url).filter(text -> !text.isEmpty());
    }

    private static String address(Options options, Option option) {
        return options.text(option, "an address or a host name", HOST.asMatchPredicate());
    }

    private static RelayConfig.Limits limits(Options options, int waiters) {
        return new RelayConfig.Limits(
                options.secret(
                        Option.REGISTRATION_KEY,
                        "16 to 256 characters of A-Z a-z 0-9 - . _ ~ + / and a trailing =",
                        text -> Optional.of(text).filter(KEY.asMatchPredicate()).map(Sha256::of)),
                options.integer(Option.RATE_LIMIT_PAIR, 0, ANY_NUMBER),
                options.integer(Option.RATE_LIMIT_CLIENT, 0, ANY_NUMBER),
                waiters,
                options.seconds(Option.MAX_WAIT, 1, 3600),
                options.seconds(Option.MAX_STREAM, 1, 86_400),
                options.seconds(Option.STREAM_HEARTBEAT, 1, 300),
                options.parsed(
                        Option.CORS_ORIGINS,
                        "origins such as https://app.example.org or capacitor://localhost, comma-separated and without"
                                + " a path, or a single *",
                        Origins.NONE,
                        Origins::parse),
                networks(options, Option.SHARE_ALLOW));
    }

    private static ProtocolLimits terms(Options options, RelayConfig.Server server, int maxAnswer) {
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
        int idle = options.integer(Option.PAIRING_IDLE, 0, 3650);
        return new ProtocolLimits(
                retention,
                replayWindow,
                options.integer(Option.MAX_OPEN_REQUESTS, 1, 10_000),
                ciphertext,
                maxAnswer,
                Optional.of(Duration.ofDays(idle)).filter(Duration::isPositive));
    }

    private static Capacity capacity(Options options, long bytes) {
        return new Capacity(
                bytes,
                options.integer(Option.MAX_PAIRINGS, 1, MAX_RECORDS),
                options.integer(Option.MAX_DEVICES, 1, MAX_RECORDS),
                new Shares(options.integer(Option.NETWORK_SHARE, 1, 100)));
    }

    private static RelayConfig.Log log(Options options) {
        return new RelayConfig.Log(
                options.word(Option.LOG_LEVEL, List.of(Level.ERROR, Level.WARNING, Level.INFO, Level.DEBUG)),
                options.word(Option.LOG_FORMAT, List.of(Logs.Format.values())),
                options.word(Option.LOG_CLIENT, List.of(AddressFormat.values())));
    }
}
