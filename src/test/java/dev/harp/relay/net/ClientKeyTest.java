package dev.harp.relay.net;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docs/protocol.md}, section 9.2: one IPv4 address, or one IPv6 /64. */
class ClientKeyTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1,              10.0.0.1,                 true",
        "10.0.0.1,              10.0.0.2,                 false",
        "2001:db8:0:1::1,       2001:db8:0:1:ffff::2,     true",
        "2001:db8:0:1::1,       2001:db8:0:2::1,          false",
        "2001:db8:0:1:ffff::,   2001:db8:0:2::,           false",
        "::ffff:10.0.0.1,       10.0.0.1,                 true",
        "::10.0.0.1,            10.0.0.1,                 false",
        "::1,                   ::2,                      true",
    })
    void whoIsTheSameClient(String one, String other, boolean same) {
        ClientKey first = client(one);
        ClientKey second = client(other);
        assertThat(first.equals(second), is(same));
        assertThat(!same || first.hashCode() == second.hashCode(), is(true));
    }

    /** The interface that an address came in by does not make another client of it. */
    @Test
    void aScopeMakesNoDifference() throws UnknownHostException {
        byte[] bytes = InetAddress.ofLiteral("fe80::1:2:3:4").getAddress();
        InetAddress scoped = Inet6Address.getByAddress("x", bytes, 3);
        assertThat(ClientKey.at(scoped), is(ClientKey.at(InetAddress.getByAddress(bytes))));
    }

    @Test
    void aHostNameMakesNoDifference() throws UnknownHostException {
        assertThat(ClientKey.at(InetAddress.getByAddress("name", new byte[] {10, 0, 0, 1})), is(client("10.0.0.1")));
    }

    @Test
    void itsTextIsAnAddressOrANetwork() {
        assertThat(client("10.0.0.1").toString(), is("10.0.0.1"));
        assertThat(client("2001:db8::1").toString(), is("2001:db8:0:0:0:0:0:0/64"));
        assertThat(client("10.0.0.1"), is(not(client("2001:db8::1"))));
    }

    private static ClientKey client(String address) {
        return ClientKey.at(InetAddress.ofLiteral(address));
    }
}
