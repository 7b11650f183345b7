package dev.harp.relay.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * What a rate limit counts by: one IPv4 address, or one IPv6 /64, because a single customer commonly has a whole /64.
 *
 * @param address the IPv4 address, or the first address of the IPv6 network
 */
public record ClientKey(InetAddress address) {

    /** The key of the client at the address. */
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
