package dev.harp.relay.outbound;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ports that receivers may have. */
class PortsTest {
    private static final List<InetAddress> PUBLIC = List.of(InetAddress.ofLiteral("93.184.215.14"));
    private static final List<InetAddress> INSIDE = List.of(InetAddress.ofLiteral("10.1.2.3"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "443, 8443 | 443, 8443",
                " 443 ,8000-8999| 443, 8000-8999",
                "1-65535 | 1-65535",
                "0443 | 443",
                "7-7 | 7"
            })
    void whatAnOperatorWrites(String text, String read) {
        assertThat(Ports.parse(text).map(Ports::toString), is(Optional.of(read)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "65536", "443,", "443 8443", "9-1", "https", "-1", "1-2-3", "443-", "999999", "4e2"})
    void whatIsNoPort(String text) {
        assertThat(Ports.parse(text), is(Optional.empty()));
    }

    @Test
    void aHostThatTheOperatorAllowsHasAnyPort() {
        AllowList allow = AllowList.parse("hooks.example.org, 10.1.0.0/16").orElseThrow();
        for (String url : List.of("https://hooks.example.org:5001/", "http://10.1.2.3:5001/", "https://10.1.2.3:22/")) {
            assertThat(url, new AddressGuard(allow, _ -> INSIDE).check(url), instanceOf(AddressGuard.Allowed.class));
        }
    }

    @Test
    void theOperatorsPortsTakeThePlaceOfTheDefault() {
        AddressGuard guard =
                new AddressGuard(AllowList.NONE, Ports.parse("5000-5002").orElseThrow(), _ -> PUBLIC);
        assertThat(guard.check("https://good.example:5001/"), instanceOf(AddressGuard.Allowed.class));
        assertThat(
                guard.check("https://good.example/") instanceof AddressGuard.Blocked(String why) ? why : "",
                containsString("has port 443; this relay calls ports 5000-5002 only"));
    }
}
