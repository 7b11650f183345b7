package dev.harp.relay.outbound;

import dev.harp.relay.net.Network;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the operator lets the relay go beside the public internet ({@code WEBHOOK_ALLOW}, {@code PUSH_ALLOW}): receivers in the house. Only there plain http
 * is allowed, too.
 *
 * @param hosts names, in lower case, that may lead anywhere
 * @param networks ranges that may be connected to
 */
public record AllowList(List<String> hosts, List<Network> networks) {
    /** Nothing but the public internet. */
    public static final AllowList NONE = new AllowList(List.of(), List.of());

    private static final Pattern HOST = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");
    private static final Pattern NUMBERS = Pattern.compile("[0-9.]+");

    /** Copies both. */
    public AllowList {
        hosts = List.copyOf(hosts);
        networks = List.copyOf(networks);
    }

    /** What the comma-separated text writes; empty if a part of it is neither a name, nor an address, nor a network. */
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

    /** As it is written in the configuration. */
    @Override
    public String toString() {
        List<String> all = new ArrayList<>(hosts);
        networks.forEach(network -> all.add(network.toString()));
        return String.join(", ", all);
    }
}
