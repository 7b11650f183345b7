package dev.harp.relay.net;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.net.InetAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.0/8,     127.255.255.255, true",
        "127.0.0.0/8,     128.0.0.0,       false",
        "127.0.0.0/8,     126.255.255.255, false",
        "10.1.2.3,        10.1.2.3,        true",
        "10.1.2.3,        10.1.2.2,        false",
        "10.1.2.3/32,     10.1.2.3,        true",
        "10.1.2.128/25,   10.1.2.127,      false",
        "10.1.2.128/25,   10.1.2.255,      true",
        "10.1.2.200/25,   10.1.2.128,      true",
        "0.0.0.0/0,       203.0.113.9,     true",
        "0.0.0.0/0,       2001:db8::1,     false",
        "::/0,            2001:db8::1,     true",
        "::/0,            10.0.0.1,        false",
        "::1,             ::1,             true",
        "::1,             ::2,             false",
        "fd00::/8,        fdff::1,         true",
        "fd00::/8,        fc00::1,         false",
        "2001:db8::/33,   2001:db8:7fff::, true",
        "2001:db8::/33,   2001:db8:8000::, false",
        "2001:db8::1/128, 2001:db8::1,     true",
        "::ffff:10.0.0.1, 10.0.0.1,        true",
        "10.0.0.0/8,      ::ffff:10.9.9.9, true",
        "::127.0.0.1,     127.0.0.1,       false",
    })
    void whatLiesInARange(String network, String address, boolean inside) {
        assertThat(Network.parse(network).orElseThrow().contains(InetAddress.ofLiteral(address)), is(inside));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "10.0.0.0/8/8",
                "10.0.0.0/a",
                "10.0.0.0/٨",
                "10.0.0.0 /8",
                "::1/129",
                "::1/999",
                "::1/9999999999",
                "10.0.0",
                "10.0.0.256",
                "1.2.3.4.5",
                "127.1",
                "2130706433",
                "0x7f000001",
                "localhost",
                "example.com",
                "fe80::1%eth0",
                "fe80::1%1",
                "[::1]",
                ":",
                ":::",
                "1:2:3:4:5:6:7:8:9",
                "12345::",
                "::g",
                "1.2.3.4:80",
                "1.2.3.4:",
                "10.0.0.0/255.0.0.0",
                "::ffff:10.0.0.0/104"
            })
    void whatIsNoRange(String text) {
        assertThat(Network.parse(text), is(Optional.empty()));
    }

    @Test
    void aBareAddressIsARangeOfOne() {
        assertThat(Network.parse("10.0.0.1").orElseThrow().prefix(), is(32));
        assertThat(Network.parse("::1").orElseThrow().prefix(), is(128));
    }
}
