package dev.harp.relay.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;

/** How much of a client's address the log tells. */
public enum AddressFormat {
    /** All of it. */
    FULL,
    /** The network: of an IPv4 address the /24, of an IPv6 address the /48. */
    TRUNCATED,
    /** Nothing. */
    NONE;

    private static final int V4_BITS = 24;
    private static final int V6_BITS = 48;

    /** The address in this form, if it has one. */
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
