package dev.harp.relay.net;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Finds the client's address ({@code docs/protocol.md}, section 10).
 *
 * <p>It is the peer's, unless the peer is a trusted proxy. Each proxy appends to {@code X-Forwarded-For} the address
 * that it saw. So the header is read from its end, as long as the writer of an entry is trusted: the first address that
 * is not a trusted proxy's is the client's. Everything to the left of it may have been invented by that client.
 */
public final class ClientAddress {
    private final List<Network> trusted;

    /** @param trusted the networks of the proxies whose header is believed */
    public ClientAddress(List<Network> trusted) {
        this.trusted = List.copyOf(trusted);
    }

    /**
     * The client's address.
     *
     * @param peer the other end of the connection
     * @param forwardedFor the values of all {@code X-Forwarded-For} lines, in order
     */
    public InetAddress of(InetAddress peer, List<String> forwardedFor) {
        InetAddress client = peer;
        String[] entries = String.join(",", forwardedFor).split(",", -1);
        for (int i = entries.length - 1; i >= 0 && trusts(client); i--) {
            Optional<InetAddress> before = entry(entries[i].strip());
            if (before.isEmpty()) {
                break;
            }
            client = before.get();
        }
        return client;
    }

    /** Whether a peer's {@code X-Forwarded-For} is believed. */
    public boolean trusts(InetAddress peer) {
        return trusted.stream().anyMatch(network -> network.contains(peer));
    }

    /** Parses an entry as proxies write it: an address with or without a port, an IPv6 one with or without brackets. */
    private static Optional<InetAddress> entry(String text) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            return end < 0 || !text.substring(end + 1).matches("(:\\d{1,5})?")
                    ? Optional.empty()
                    : Network.address(text.substring(1, end));
        }
        boolean v4WithPort = text.indexOf(':') >= 0 && text.indexOf(':') == text.lastIndexOf(':');
        return v4WithPort && text.matches("[^:]*:\\d{1,5}")
                ? Network.address(text.substring(0, text.indexOf(':')))
                : Network.address(text);
    }
}
