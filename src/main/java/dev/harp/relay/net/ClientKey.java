package dev.harp.relay.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Whom a rate limit counts by address: one IPv4 address, or one IPv6 /64, of which a single customer commonly has a whole.
 *
 * @param address the address; of an IPv6 one, the network
 */
public record ClientKey(InetAddress address) {

    /** The client at the address. */
    public static ClientKey at(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return new ClientKey(address);
        }
        try {
            return new ClientKey(InetAddress.getByAddress(Network.head(address, 64)));
        } catch (UnknownHostException e) {
            throw new AssertionError("16 bytes are an address", e);
        }
    }

    /** The address as text, a network as {@code 2001:db8:0:0:0:0:0:0/64}. */
    @Override
    public String toString() {
        return address.getHostAddress() + (address instanceof Inet6Address ? "/64" : "");
    }
}
