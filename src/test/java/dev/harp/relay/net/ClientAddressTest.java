package dev.harp.relay.net;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code docs/protocol.md}, section 10. Trusted here: loopback, 10.0.0.0/8 and fd00::/8. */
class ClientAddressTest {
    private static final ClientAddress CLIENTS =
            new ClientAddress(Stream.of("127.0.0.0/8", "::1", "10.0.0.0/8", "fd00::/8")
                    .map(text -> Network.parse(text).orElseThrow())
                    .toList());

    /** Several header lines are separated by {@code |}; {@code -} is no header at all. */
    @ParameterizedTest(name = "{0} [{1}] is {2}: {3}")
    @CsvSource({
        "203.0.113.9, -,                                        203.0.113.9,  no header",
        "203.0.113.9, '1.1.1.1',                                203.0.113.9,  section 10.3: a forged header from"
                + " anyone else",
        "203.0.113.9, '127.0.0.1',                              203.0.113.9,  nor does it make a stranger a proxy",
        "127.0.0.1,   -,                                        127.0.0.1,    a proxy that calls for itself",
        "127.0.0.1,   '',                                       127.0.0.1,    an empty header",
        "127.0.0.1,   '203.0.113.9',                            203.0.113.9,  the plain case",
        "::1,         '203.0.113.9',                            203.0.113.9,  an IPv6 proxy",
        "127.0.0.1,   '1.1.1.1, 203.0.113.9',                   203.0.113.9,  spoofed on the left",
        "127.0.0.1,   '127.0.0.1, 203.0.113.9',                 203.0.113.9,  spoofed as a proxy",
        "127.0.0.1,   '10.9.9.9, 10.8.8.8, 203.0.113.9',        203.0.113.9,  spoofed as a chain of proxies",
        "127.0.0.1,   'garbage, 203.0.113.9',                   203.0.113.9,  garbage on the left",
        "127.0.0.1,   ', , ,203.0.113.9',                       203.0.113.9,  empty entries on the left",
        "127.0.0.1,   '203.0.113.9, 10.0.0.1',                  203.0.113.9,  two proxies",
        "127.0.0.1,   '1.1.1.1, 203.0.113.9, 10.0.0.1, fd00::1', 203.0.113.9, three proxies and a spoof",
        "127.0.0.1,   '10.0.0.3, 10.0.0.2',                     10.0.0.3,     section 10.2: all are trusted",
        "127.0.0.1,   '127.0.0.1',                              127.0.0.1,    all are trusted",
        "127.0.0.1,   '1.1.1.1|203.0.113.9',                    203.0.113.9,  several header lines",
        "127.0.0.1,   '1.1.1.1, 2.2.2.2|203.0.113.9|10.0.0.1',  203.0.113.9,  several header lines and two proxies",
        "127.0.0.1,   '203.0.113.9|',                           127.0.0.1,    an empty last line is a malformed entry",
        "127.0.0.1,   '203.0.113.9,',                           127.0.0.1,    so is an empty last entry",
        "127.0.0.1,   '203.0.113.9, unknown',                   127.0.0.1,    RFC 7239's word",
        "127.0.0.1,   '203.0.113.9, _hidden, 10.0.0.1',         10.0.0.1,     the last good address before garbage",
        "127.0.0.1,   '203.0.113.9:4711',                       203.0.113.9,  with a port",
        "127.0.0.1,   '203.0.113.9:',                           127.0.0.1,    with a port that is missing",
        "127.0.0.1,   '203.0.113.9:123456',                     127.0.0.1,    with a port that is none",
        "127.0.0.1,   '203.0.113.9:-1',                         127.0.0.1,    with a port that is negative",
        "127.0.0.1,   '203.0.113.9:80:80',                      127.0.0.1,    with two ports",
        "127.0.0.1,   '2001:db8::9',                            2001:db8::9,  IPv6",
        "127.0.0.1,   '[2001:db8::9]',                          2001:db8::9,  IPv6 in brackets",
        "127.0.0.1,   '[2001:db8::9]:4711',                     2001:db8::9,  IPv6 in brackets with a port",
        "127.0.0.1,   '[2001:db8::9]4711',                      127.0.0.1,    text after the bracket",
        "127.0.0.1,   '[2001:db8::9',                           127.0.0.1,    no closing bracket",
        "127.0.0.1,   '2001:db8::9]',                           127.0.0.1,    no opening bracket",
        "127.0.0.1,   '[[2001:db8::9]]',                        127.0.0.1,    too many brackets",
        "127.0.0.1,   '[]',                                     127.0.0.1,    nothing in brackets",
        "127.0.0.1,   '[example.com]',                          127.0.0.1,    a name in brackets",
        "127.0.0.1,   '::ffff:203.0.113.9',                     203.0.113.9,  IPv4-mapped",
        "127.0.0.1,   '203.0.113.9, ::ffff:10.0.0.1',           203.0.113.9,  a proxy that writes IPv4-mapped",
        "127.0.0.1,   '[::ffff:203.0.113.9]:80',                203.0.113.9,  IPv4-mapped in brackets with a port",
        "127.0.0.1,   'fe80::1%eth0',                           127.0.0.1,    a zone is malformed",
        "127.0.0.1,   '[fe80::1%25eth0]:80',                    127.0.0.1,    a zone in brackets too",
        "127.0.0.1,   'localhost',                              127.0.0.1,    no name is ever looked up",
        "127.0.0.1,   '203.0.113.9.nip.io',                     127.0.0.1,    nor this one",
        "127.0.0.1,   '127.1',                                  127.0.0.1,    a short form is malformed",
        "127.0.0.1,   '3405803785',                             127.0.0.1,    so is a number",
        "127.0.0.1,   '0xcb.0.0x71.9',                          127.0.0.1,    so is hex",
        "127.0.0.1,   '203.0.113.256',                          127.0.0.1,    an octet too large",
        "127.0.0.1,   '203.0.113.9/24',                         127.0.0.1,    a network is no address",
        "127.0.0.1,   '\"203.0.113.9\"',                        127.0.0.1,    quotes",
        "127.0.0.1,   '203.0.113.9;1.1.1.1',                    127.0.0.1,    another separator",
        "127.0.0.1,   '203.0.113.9 1.1.1.1',                    127.0.0.1,    no separator",
        "127.0.0.1,   ' \t203.0.113.9\t ',                      203.0.113.9,  spaces and tabs around",
        "127.0.0.1,   '２０３.0.113.9',                          127.0.0.1,    digits of another script",
        "127.0.0.1,   'for=203.0.113.9',                        127.0.0.1,    the syntax of Forwarded",
    })
    void whoIsCalling(String peer, String header, String client, String why) {
        List<String> lines = header.equals("-") ? List.of() : List.of(header.split("\\|", -1));
        assertThat(why, CLIENTS.of(InetAddress.ofLiteral(peer), lines), is(InetAddress.ofLiteral(client)));
    }

    @Test
    void aHugeListIsWalkedAsAnyOther() {
        List<String> lines = Collections.nCopies(2000, "1.1.1.1, 10.0.0.1, garbage");
        assertThat(CLIENTS.of(InetAddress.ofLiteral("127.0.0.1"), lines), is(InetAddress.ofLiteral("127.0.0.1")));
        List<String> proxies = Collections.nCopies(2000, "10.0.0.1");
        assertThat(CLIENTS.of(InetAddress.ofLiteral("127.0.0.1"), proxies), is(InetAddress.ofLiteral("10.0.0.1")));
    }

    @Test
    void anEntryOfSixteenKilobytesIsMalformed() {
        for (String character : List.of("1", ":", ".", "[", "f", ":1", "1.")) {
            assertThat(
                    CLIENTS.of(
                            InetAddress.ofLiteral("127.0.0.1"),
                            List.of("203.0.113.9, " + character.repeat(16_384 / character.length()))),
                    is(InetAddress.ofLiteral("127.0.0.1")));
        }
    }

    /**
     * Colons are what an address may have, so that a pattern tries each of them before it finds the letter that none
     * may have: seconds for a header.
     */
    @Test
    void anEntryThatIsAlmostAnAddressTakesNoTime() {
        String almost = ":".repeat(16_000) + "x";
        // Minutes with such a pattern, and without a small part of a second: no pause of the machine is taken for it.
        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            for (int i = 0; i < 100; i++) {
                assertThat(
                        CLIENTS.of(InetAddress.ofLiteral("127.0.0.1"), List.of(almost + ", 10.0.0.1")),
                        is(InetAddress.ofLiteral("10.0.0.1")));
            }
        });
    }

    @Test
    void whoTrustsNobodyReadsNoHeader() {
        ClientAddress nobody = new ClientAddress(List.of());
        assertThat(
                nobody.of(InetAddress.ofLiteral("127.0.0.1"), List.of("203.0.113.9")),
                is(InetAddress.ofLiteral("127.0.0.1")));
        assertThat(nobody.trusts(InetAddress.ofLiteral("127.0.0.1")), is(false));
    }
}
