package dev.harp.relay.net;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressFormatTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.77, 192.0.2.77, 192.0.2.0/24",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:3:4:5:6, 2001:db8:1:0:0:0:0:0/48",
        "::1, 0:0:0:0:0:0:0:1, 0:0:0:0:0:0:0:0/48",
    })
    void anAddressIsToldAsAskedFor(String address, String full, String truncated) {
        assertThat(AddressFormat.FULL.of(InetAddress.ofLiteral(address)), is(Optional.of(full)));
        assertThat(AddressFormat.TRUNCATED.of(InetAddress.ofLiteral(address)), is(Optional.of(truncated)));
        assertThat(AddressFormat.NONE.of(InetAddress.ofLiteral(address)), is(Optional.empty()));
    }

    @Test
    void aNetworkIsToldAsItIsWritten() {
        assertThat(Network.parse("10.0.0.0/8").orElseThrow().toString(), is("10.0.0.0/8"));
        assertThat(Network.parse("192.0.2.1").orElseThrow().toString(), is("192.0.2.1"));
    }
}
