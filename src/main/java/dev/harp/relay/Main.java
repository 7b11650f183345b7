package dev.harp.relay;

import dev.harp.relay.config.ConfigReader;
import dev.harp.relay.config.InvalidConfig;
import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.config.Storage;
import dev.harp.relay.doctor.Doctor;
import dev.harp.relay.http.api.AppFiles;
import dev.harp.relay.log.Event;
import dev.harp.relay.log.Logs;
import dev.harp.relay.log.ShutdownSafeLogManager;
import dev.harp.relay.net.FileDescriptors;
import dev.harp.relay.operator.AdminCommand;
import dev.harp.relay.push.VapidKeys;
import dev.harp.relay.store.StoreUnusable;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the configuration, starts the relay, and drains it on SIGTERM. */
public final class Main {
    /** Stopped by a signal, or done. */
    static final int OK = 0;

    /** An unexpected error. */
    static final int FAILED = 1;

    /** The command line or the configuration is wrong. */
    static final int MISCONFIGURED = 2;

    /** The address cannot be bound. */
    static final int CANNOT_LISTEN = 3;

    /** The store cannot be opened. */
    static final int STORE_UNUSABLE = 4;

    private static final PrintStream ERR = System.err;
    private static final PrintStream OUT = System.out;
    private static final Duration LOG_FLUSH = Duration.ofSeconds(1);

    private Main() {}

    /** Runs until SIGTERM or SIGINT. */
    public static void main(String[] arguments) {
        System.setProperty("java.util.logging.manager", ShutdownSafeLogManager.class.getName());
        // Helidon discovers no services on the class path: the relay names those that it uses. Discovery would read the
        // metadata of every jar, and that alone is a quarter of a start of the image: 164 of 656 ms on a busy machine.
        System.setProperty("io.helidon.metadata.mode", "none");
        try {
            switch (CommandLine.of(arguments)) {
                case CommandLine.Run(Optional<Path> file) -> run(read(file));
                case CommandLine.Check(Optional<Path> file) -> check(read(file));
                case CommandLine.Examine(var url, var ca, var poll) ->
                    System.exit(Doctor.run(url, ca, poll, System.getenv(), OUT, ERR));
                case CommandLine.Operate(var act, var url) ->
                    System.exit(AdminCommand.run(act, url.isPresent() ? url.get() : adminUrl(), OUT, ERR));
                case CommandLine.MakeVapidKeys() ->
                    OUT.println("VAPID_KEY=" + VapidKeys.generate().text());
                case CommandLine.Help() -> OUT.print(CommandLine.HELP);
                case CommandLine.Version() -> printVersion();
                case CommandLine.Wrong(String line) -> exit(MISCONFIGURED, List.of(line));
            }
        } catch (InvalidConfig e) {
            exit(MISCONFIGURED, e.lines());
        }
    }

    private static RelayConfig read(Optional<Path> file) throws InvalidConfig {
        return ConfigReader.read(file.or(Main::besideTheProgram), environment());
    }

    /** The admin listener of a relay with this configuration; one that is bound to all addresses, on loopback. */
    private static String adminUrl() throws InvalidConfig {
        RelayConfig.Admin admin = read(Optional.empty()).admin();
        if (admin.port() == 0) {
            throw new InvalidConfig(List.of("ADMIN_PORT is 0, which is any port: give --url; the event admin_listening"
                    + " of the relay's log names the port"));
        }
        String host = switch (admin.host()) {
            case "", "0.0.0.0" -> "127.0.0.1";
            case "::" -> "::1";
            default -> admin.host();
        };
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + admin.port();
    }

    private static void check(RelayConfig config) {
        OUT.println("configuration is valid");
        config.warnings().forEach(warning -> OUT.println("warning: " + warning));
        config.push().whyOff().ifPresent(why -> OUT.println("note: " + noPush(why)));
        config.lines().forEach(OUT::println);
    }

    /** The digest of the app is that of its list of files: {@code harp app verify} compares a served page with it. */
    private static void printVersion() {
        OUT.println("harp-relay " + version().orElse("(not packaged)"));
        OUT.println(AppFiles.packaged()
                .digest()
                .map(digest -> "app " + digest + " (SHA-256 of hashes.json)")
                .orElse("app none: built without it"));
    }

    private static String noPush(String why) {
        return "no push notifications: " + why + ", or PUSH to off if you want none";
    }

    /** The version in the jar's manifest; empty if the relay is not packaged. */
    static Optional<String> version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion());
    }

    private static void run(RelayConfig config) {
        Logs.configure(config.log().level(), config.log().format());
        Logger log = System.getLogger(Main.class.getName());
        config.warnings().forEach(warning -> Event.of("config_warning", warning).to(log, Level.WARNING));
        try {
            Relay relay = Relay.start(config, Relay.Sources.real());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(relay, log), "drain"));
            // Not before: a relay that cannot start says that and nothing else.
            config.push()
                    .whyOff()
                    .ifPresent(why -> Event.of("push_off", noPush(why)).to(log, Level.INFO));
            Event.of(
                            "started",
                            "listening on " + config.server().host() + ":" + relay.port() + ", storing everything "
                                    + location(config.storage()))
                    .to(log, Level.INFO);
        } catch (StoreUnusable e) {
            exit(STORE_UNUSABLE, List.of(e.getMessage()));
        } catch (RuntimeException e) {
            String address = config.server().host() + ":" + config.server().port();
            Optional<String> why = cannotListen(e);
            exit(
                    why.isPresent() ? CANNOT_LISTEN : FAILED,
                    List.of("cannot listen on " + address + " (HOST, PORT): " + why.orElseGet(e::toString)));
        }
    }

    private static String location(Storage storage) {
        return switch (storage) {
            case Storage.InMemory() -> "in memory: a restart loses it, and other relays do not share it";
            case Storage.InFile(Path directory, var _) -> "in " + directory;
            case Storage.InRedis redis -> "in " + redis + ", shared with all relays on it";
        };
    }

    /** The JVM would exit with 143 on SIGTERM. A relay that has drained exits with 0. */
    private static void drain(Relay relay, Logger log) {
        Event.of("stopping", "answering parked calls, and stopping").to(log, Level.INFO);
        relay.close();
        Event.of("stopped", "stopped").to(log, Level.INFO);
        Logs.flush(LOG_FLUSH);
        Runtime.getRuntime().halt(OK);
    }

    private static Optional<String> cannotListen(Throwable thrown) {
        return Stream.iterate(thrown, cause -> cause != null, Throwable::getCause)
                .filter(cause -> cause instanceof SocketException
                        || cause instanceof UnknownHostException
                        || cause instanceof UnresolvedAddressException)
                .findFirst()
                .map(cause -> cause instanceof BindException
                                || String.valueOf(cause.getMessage()).contains("ermission")
                        ? String.valueOf(cause.getMessage())
                        : "no such address");
    }

    /** The file beside an unpacked relay, which its operator may edit. */
    private static Optional<Path> besideTheProgram() {
        return Optional.ofNullable(System.getProperty("harp.relay.home"))
                .map(home -> Path.of(home, "application.yaml"))
                .filter(file -> file.toFile().exists());
    }

    private static ConfigReader.Environment environment() {
        return new ConfigReader.Environment(
                System.getenv(), Runtime.getRuntime().maxMemory(), FileDescriptors.limit());
    }

    private static void exit(int status, List<String> why) {
        why.forEach(line -> ERR.println("harp-relay: " + line));
        Logs.flush(LOG_FLUSH);
        System.exit(status);
    }
}
