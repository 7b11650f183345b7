package dev.harp.relay.outbound;

import dev.harp.relay.net.Network;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The destinations besides the public internet that the operator allows ({@code WEBHOOK_ALLOW}, {@code PUSH_ALLOW}),
 * such as receivers in the relay's own network. Plain http is allowed only there.
 *
 * @param hosts names in lower case, which may resolve to any address
 * @param networks address ranges
 */
public record AllowList(List<String> hosts, List<Network> networks) {
    /** Nothing but the public internet. */
    public static final AllowList NONE = new AllowList(List.of(), List.of());

    private static final Pattern HOST = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");

    /** Copies both lists. */
    public AllowList {
        hosts = List.copyOf(hosts);
        networks = List.copyOf(networks);
    }

    /** Parses a comma-separated list; empty if an entry is neither a name, nor an address, nor a network. */
    public static Optional<AllowList> parse(String text) {
        List<String> hosts = new ArrayList<>();
        List<Network> networks = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String entry = part.strip().toLowerCase(Locale.ROOT);
            Optional<Network> network = Network.parse(entry);
            if (network.isPresent()) {
                networks.add(network.get());
            } else if (HOST.matcher(entry).matches() && !NUMBERS.matcher(entry).matches()) {
                hosts.add(entry);
            } else if (!entry.isEmpty()) {
                return Optional.empty();
            }
        }
        return Optional.of(new AllowList(hosts, networks));
    }

    boolean host(String name) {
        return hosts.contains(name);
    }

    boolean address(InetAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    /** The list as written in the configuration. */
    @Override
    public String toString() {
        List<String> all = new ArrayList<>(hosts);
        networks.forEach(network -> all.add(network.toString()));
        return String.join(", ", all);
    }
}
