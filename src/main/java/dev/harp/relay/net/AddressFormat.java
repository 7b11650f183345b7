package dev.harp.relay.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/** How much of a client's address the log shows. */
public enum AddressFormat {
    /** The whole address. */
    FULL,
    /** The network only: the /24 of an IPv4 address, the /48 of an IPv6 address. */
    TRUNCATED,
    /** No address. */
    NONE;

    private static final int V4_BITS = 24;
    private static final int V6_BITS = 48;

    /** The address in this format; empty for {@link #NONE}. */
    public Optional<String> of(InetAddress address) {
        boolean v6 = address instanceof Inet6Address;
        return switch (this) {
            case FULL -> Optional.of(Network.text(address, v6 ? 128 : 32));
            case TRUNCATED -> {
                int bits = v6 ? V6_BITS : V4_BITS;
                yield Optional.of(Network.text(address, bits) + "/" + bits);
            }
            case NONE -> Optional.empty();
        };
    }
}
