package dev.harp.relay.outbound;

import dev.harp.relay.net.Network;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Which addresses are public, by the IANA special-purpose address registries (RFC 6890) as of 2025, read restrictively.
 *
 * <p>Of IPv6 only global unicast is public, except for ranges that embed an IPv4 address: a tunnel or a translator
 * would take the connection to that address. The JDK already turns IPv4-mapped addresses into IPv4 addresses.
 */
final class PublicAddresses {

    private record Special(Network network, String name) {}

    private static final Network GLOBAL_UNICAST = network("2000::/3");

    private static final List<Special> SPECIAL = List.of(
            special("0.0.0.0/8", "this network"),
            special("10.0.0.0/8", "private"),
            special("100.64.0.0/10", "carrier-grade NAT"),
            special("127.0.0.0/8", "loopback"),
            special("168.63.129.16/32", "a cloud's platform address"),
            special("169.254.0.0/16", "link-local, where clouds keep their metadata"),
            special("172.16.0.0/12", "private"),
            special("192.0.0.0/24", "IETF protocol assignments"),
            special("192.0.2.0/24", "documentation"),
            special("192.31.196.0/24", "AS112"),
            special("192.52.193.0/24", "AMT"),
            special("192.88.99.0/24", "6to4 relay anycast"),
            special("192.168.0.0/16", "private"),
            special("192.175.48.0/24", "AS112"),
            special("198.18.0.0/15", "benchmarking"),
            special("198.51.100.0/24", "documentation"),
            special("203.0.113.0/24", "documentation"),
            special("224.0.0.0/4", "multicast"),
            special("240.0.0.0/4", "reserved, broadcast"),
            special("2001::/23", "IETF protocol assignments, Teredo, ORCHID"),
            special("2001:db8::/32", "documentation"),
            special("2002::/16", "6to4, embeds an IPv4 address"),
            special("2620:4f:8000::/48", "AS112"),
            special("3fff::/20", "documentation"));

    private PublicAddresses() {}

    /** Why the address is not public; empty if it is. */
    static Optional<String> objection(InetAddress address) {
        Optional<String> special = SPECIAL.stream()
                .filter(range -> range.network().contains(address))
                .map(Special::name)
                .findFirst();
        return special.isPresent() || address instanceof Inet4Address || GLOBAL_UNICAST.contains(address)
                ? special
                : Optional.of(
                        "not global unicast: loopback, link-local, private, multicast, or an embedded IPv4 address");
    }

    private static Special special(String network, String name) {
        return new Special(network(network), name);
    }

    private static Network network(String text) {
        return Network.parse(text).orElseThrow();
    }
}
