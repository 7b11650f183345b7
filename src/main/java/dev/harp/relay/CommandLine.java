package dev.harp.relay;

import dev.harp.relay.doctor.Doctor;
import dev.harp.relay.operator.Act;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the arguments of {@code harp-relay} ask for. */
sealed interface CommandLine {
    /** What {@code --help} prints. */
    String HELP = """
        usage: harp-relay [--config FILE] [--check-config]
               harp-relay doctor [URL] [--ca FILE] [--wait SECONDS]
               harp-relay admin holders | revoke PAIR | remove DEVICE | end NETWORK [--url URL]
               harp-relay vapid-keys
               harp-relay --help | --version

          --config FILE    read this file instead of the application.yaml beside the program
          --check-config   read and check the configuration, print the effective values, and exit
          --help           print this text
          --version        print the version, and the digest of the approver's app

          doctor           examine a running relay as its clients reach it, through the proxy, and say what to change
            URL            the address that clients use, http://HOST[:PORT][/PATH] or https://HOST[:PORT][/PATH]; by
                           default this machine and PORT
            --ca FILE      trust the certificates in this PEM file instead of those that come with Java
            --wait SECONDS the length of the long poll, 1 to 540; by default 65
          admin            act at a running relay on this machine, through its admin listener; each act is logged
            holders        list the networks and pairings that hold the most; a network by a name that holds no address
            revoke PAIR    revoke a pairing, whose open requests are cancelled
            remove DEVICE  remove a device, whose pairings are revoked
            end NETWORK    end all that was opened from a network: by its name, an address, or an IPv6 network of 64, 56
                           or 48 bits
            --url URL      the admin listener; by default http:// and ADMIN_HOST and ADMIN_PORT
          vapid-keys       print a new key pair for Web Push, for VAPID_KEY
          The registration key, if the relay has one, is read from the environment variable REGISTRATION_KEY.

        Each option in application.yaml is also an environment variable of the same name, which overrides the file.
        Exit codes: 0 stopped by a signal, 1 failed, 2 wrong command line or configuration, 3 cannot listen,
        4 the store cannot be opened. Of doctor: 0 all is well, 1 there is something to change, 2 wrong command line.
        Of admin: 0 done, 1 the relay refused or was not reached, 2 wrong command line.
        """;

    /** The longest long poll of {@code doctor}, in seconds: that of a relay with default options. */
    int MAX_WAIT = 540;

    /** What may be the name of a network, an address, or a network; the relay knows which it is. */
    Pattern NETWORK = Pattern.compile("[0-9a-fA-F:.-]{2,45}(/\\d{1,3})?");

    /** Run, with the file if one is named. */
    record Run(Optional<Path> file) implements CommandLine {}

    /** Only check the configuration. */
    record Check(Optional<Path> file) implements CommandLine {}

    /**
     * Examine a running relay.
     *
     * @param url its address, not checked yet
     * @param ca a file of certificates to trust instead of Java's
     * @param poll how long the long poll is
     */
    record Examine(Optional<String> url, Optional<Path> ca, Duration poll) implements CommandLine {}

    /**
     * Act at a running relay.
     *
     * @param url its admin listener, not checked yet; empty for that of the configuration
     */
    record Operate(Act act, Optional<String> url) implements CommandLine {}

    /** Generate a key pair for Web Push. */
    record MakeVapidKeys() implements CommandLine {}

    /** Print the usage. */
    record Help() implements CommandLine {}

    /** Print the version. */
    record Version() implements CommandLine {}

    /** Not understood; the line says why. */
    record Wrong(String line) implements CommandLine {}

    /** Parses the arguments. {@code --help} and {@code --version} take precedence, except over an unknown argument. */
    static CommandLine of(String... arguments) {
        if (arguments.length > 0 && arguments[0].equals("doctor")) {
            return doctor(List.of(arguments).subList(1, arguments.length));
        }
        if (arguments.length > 0 && arguments[0].equals("admin")) {
            return admin(List.of(arguments).subList(1, arguments.length));
        }
        if (arguments.length > 0 && arguments[0].equals("vapid-keys")) {
            return vapidKeys(arguments);
        }
        Optional<Path> file = Optional.empty();
        boolean check = false;
        Optional<CommandLine> print = Optional.empty();
        Iterator<String> rest = List.of(arguments).iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            switch (argument) {
                case "--help", "-h" -> print = Optional.of(new Help());
                case "--version" -> print = print.or(() -> Optional.of(new Version()));
                case "--check-config" -> check = true;
                case "--config" -> {
                    if (file.isPresent()) {
                        return new Wrong("--config may be given once");
                    }
                    file = file(rest);
                    if (file.isEmpty()) {
                        return new Wrong("--config needs the name of a file");
                    }
                }
                default -> {
                    return new Wrong("unknown argument '" + printable(argument)
                            + "'; allowed: doctor, admin, vapid-keys, --config FILE, --check-config, --help,"
                            + " --version");
                }
            }
        }
        Optional<Path> named = file;
        boolean checking = check;
        return print.orElseGet(() -> checking ? new Check(named) : new Run(named));
    }

    private static CommandLine vapidKeys(String... arguments) {
        if (arguments.length == 1) {
            return new MakeVapidKeys();
        }
        return arguments[1].equals("--help") || arguments[1].equals("-h")
                ? new Help()
                : new Wrong("vapid-keys: unknown argument '" + printable(arguments[1]) + "'; it takes none");
    }

    private static CommandLine doctor(List<String> arguments) {
        Optional<String> url = Optional.empty();
        Optional<Path> ca = Optional.empty();
        Duration wait = Doctor.POLL;
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            if (argument.equals("--help") || argument.equals("-h")) {
                return new Help();
            } else if (argument.equals("--wait")) {
                String value = rest.hasNext() ? rest.next() : "";
                if (!value.matches("[1-9]\\d{0,2}") || Integer.parseInt(value) > MAX_WAIT) {
                    return new Wrong("--wait needs a number of seconds from 1 to " + MAX_WAIT);
                }
                wait = Duration.ofSeconds(Integer.parseInt(value));
            } else if (argument.equals("--ca")) {
                ca = file(rest);
                if (ca.isEmpty()) {
                    return new Wrong("--ca needs the name of a file");
                }
            } else if (argument.startsWith("-") || url.isPresent()) {
                return new Wrong("doctor: unknown argument '" + printable(argument)
                        + "'; allowed: URL, --ca FILE, --wait SECONDS");
            } else {
                url = Optional.of(argument);
            }
        }
        return new Examine(url, ca, wait);
    }

    private static CommandLine admin(List<String> arguments) {
        Optional<String> url = Optional.empty();
        List<String> words = new ArrayList<>();
        Iterator<String> rest = arguments.iterator();
        while (rest.hasNext()) {
            String argument = rest.next();
            if (argument.equals("--help") || argument.equals("-h")) {
                return new Help();
            } else if (argument.equals("--url")) {
                if (url.isPresent() || !rest.hasNext()) {
                    return new Wrong("admin: --url needs an address, once, such as http://127.0.0.1:8788");
                }
                url = Optional.of(rest.next());
            } else {
                words.add(argument);
            }
        }
        Optional<String> where = url;
        String act = words.isEmpty() ? "" : words.getFirst();
        String subject = words.size() == 2 ? words.getLast() : "";
        if (act.equals("holders") && words.size() == 1) {
            return new Operate(new Act.Holders(), where);
        }
        Optional<? extends Act> asked = switch (act) {
            case "revoke" -> PairId.parse(subject).map(Act.Revoke::new);
            case "end" ->
                Optional.of(subject).filter(NETWORK.asMatchPredicate()).map(Act.End::new);
            case "remove" -> DeviceId.parse(subject).map(Act.Remove::new);
            default -> Optional.empty();
        };
        return asked.<CommandLine>map(found -> new Operate(found, where))
                .orElseGet(() -> new Wrong("admin: given '" + printable(String.join(" ", words)) + "'; allowed: "
                        + "holders; revoke PAIR, such as pair_0123456789ab; remove DEVICE, such as dev_0123456789ab;"
                        + " end NETWORK, such as 4-0123456789abcdef, 192.0.2.7 or 2001:db8:7::/48"));
    }

    /** The file that the next argument names; empty if it is missing, another option, or no name of a file. */
    private static Optional<Path> file(Iterator<String> rest) {
        String name = rest.hasNext() ? rest.next() : "";
        try {
            return name.isEmpty() || name.startsWith("--") ? Optional.empty() : Optional.of(Path.of(name));
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    private static String printable(String argument) {
        String line = argument.replaceAll("[^ -~]", "?");
        return line.length() <= 100 ? line : line.substring(0, 100) + "...";
    }
}
