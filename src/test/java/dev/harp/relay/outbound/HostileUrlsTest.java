package dev.harp.relay.outbound;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * URLs that try to reach hosts that only the relay can reach, each with its verdict. The table is printed for review.
 */
class HostileUrlsTest {
    private static final String PUBLIC = "93.184.215.14";

    /** The addresses of the names in this test. */
    private static final Map<String, List<String>> NAMES = Map.ofEntries(
            Map.entry("good.example", List.of(PUBLIC)),
            Map.entry("under_score.good.example", List.of(PUBLIC)),
            Map.entry("both.example", List.of(PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c")),
            Map.entry("half.example", List.of(PUBLIC, "10.0.0.7")),
            Map.entry("half6.example", List.of("2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1")),
            Map.entry("inside.example", List.of("192.168.1.1")),
            Map.entry("rebound.example", List.of("127.0.0.1")),
            Map.entry("metadata.google.internal", List.of("169.254.169.254")),
            Map.entry("localhost", List.of("127.0.0.1")),
            Map.entry("printer", List.of(PUBLIC)),
            Map.entry("hooks.corp.example", List.of("10.1.2.3")));

    private record Row(String url, boolean allowed) {}

    private static final List<Row> ROWS = Stream.concat(
                    Stream.of(
                                    "https://good.example/hook",
                                    "https://GOOD.example:8443/hook?a=b",
                                    "https://both.example",
                                    "https://" + PUBLIC + "/",
                                    "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/")
                            .map(url -> new Row(url, true)),
                    Stream.of(
                                    // other services of strangers
                                    "https://good.example:22/",
                                    "https://good.example:25/hook",
                                    "https://good.example:6379/",
                                    "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8444/",
                                    // not https, or malformed
                                    "http://good.example/",
                                    "HTTP://good.example/",
                                    "ftp://good.example/",
                                    "file:///etc/passwd",
                                    "gopher://127.0.0.1:6379/_FLUSHALL",
                                    "jar:https://good.example/x.jar!/",
                                    "javascript:alert(1)",
                                    "//good.example/",
                                    "good.example/hook",
                                    "https:good.example",
                                    "https:///hook",
                                    // read differently by two programs
                                    "https://good.example@127.0.0.1/",
                                    "https://user:password@good.example/",
                                    "https://good.example\\@127.0.0.1/",
                                    "https://127.0.0.1\\.good.example/",
                                    "https://good.example#@127.0.0.1/",
                                    "https://good.example/ HTTP/1.1\r\nHost: 127.0.0.1",
                                    "https://good.example/\r\nX-Injected: 1",
                                    "https://good.example/%0d%0aX: 1\t",
                                    "https://under_score.good.example/",
                                    "https://good.example:0/",
                                    "https://good.example:65536/",
                                    "https://good.example:-1/",
                                    "https://good.example:44:3/",
                                    "https://good%2eexample/",
                                    "https://127.0.0.1%2f.good.example/",
                                    "https://\u0261ood.example/",
                                    "https://good\u3002example/",
                                    "https://127\uff0e0\uff0e0\uff0e1/",
                                    "https://good.example./",
                                    // loopback in other notations
                                    "https://localhost/",
                                    "https://127.0.0.1/",
                                    "https://127.1/",
                                    "https://127.0.1/",
                                    "https://0177.0.0.1/",
                                    "https://0x7f.0.0.1/",
                                    "https://0x7f000001/",
                                    "https://2130706433/",
                                    "https://127.0.0.1./",
                                    "https://0/",
                                    "https://0.0.0.0/",
                                    "https://[::1]/",
                                    "https://[::]/",
                                    "https://[0:0:0:0:0:0:0:1]/",
                                    "https://[::ffff:127.0.0.1]/",
                                    "https://[::ffff:7f00:1]/",
                                    "https://[::127.0.0.1]/",
                                    "https://[64:ff9b::7f00:1]/",
                                    "https://[64:ff9b:1::7f00:1]/",
                                    "https://[2002:7f00:1::]/",
                                    "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
                                    "https://[fe80::1%25eth0]/",
                                    "https://[fe80::1]/",
                                    "https://[v1.fe80]/",
                                    // private and special networks
                                    "https://10.0.0.1/",
                                    "https://172.16.0.1/",
                                    "https://172.31.255.255/",
                                    "https://192.168.0.1/",
                                    "https://100.64.0.1/",
                                    "https://169.254.169.254/latest/meta-data/",
                                    "https://metadata.google.internal/",
                                    "https://[fd00:ec2::254]/latest/meta-data/",
                                    "https://[fc00::1]/",
                                    "https://198.18.0.1/",
                                    "https://192.0.0.192/",
                                    "https://203.0.113.1/",
                                    "https://[2001:db8::1]/",
                                    "https://224.0.0.1/",
                                    "https://[ff02::1]/",
                                    "https://255.255.255.255/",
                                    "https://240.0.0.1/",
                                    // names of such addresses
                                    "https://inside.example/",
                                    "https://rebound.example/",
                                    "https://half.example/",
                                    "https://half6.example/",
                                    "https://hooks.corp.example/",
                                    "https://nowhere.example/",
                                    "https://printer/",
                                    "https://",
                                    "https://.example/",
                                    "https://-bad.example/",
                                    "https://" + "a".repeat(64) + ".example/",
                                    "")
                            .map(url -> new Row(url, false)))
            .toList();

    static List<InetAddress> addresses(String name) {
        return NAMES.getOrDefault(name, List.of()).stream()
                .map(InetAddress::ofLiteral)
                .toList();
    }

    private static AddressGuard guard(String allow) {
        return new AddressGuard(AllowList.parse(allow).orElseThrow(), HostileUrlsTest::addresses);
    }

    @Test
    void theTable() {
        AddressGuard guard = guard("");
        List<String> wrong = new ArrayList<>();
        for (Row row : ROWS) {
            AddressGuard.Verdict verdict = guard.check(row.url());
            System.out.println(printable(row.url()) + "  ->  "
                    + (verdict instanceof AddressGuard.Blocked(String why) ? why : "allowed"));
            if (verdict instanceof AddressGuard.Allowed != row.allowed()) {
                wrong.add(row.url());
            }
        }
        assertThat(wrong, is(empty()));
        assertThat(ROWS.stream().filter(row -> !row.allowed()).count(), is(greaterThanOrEqualTo(40L)));
    }

    /** A receiver in the house is the operator's to allow, by name or by network; plain http only there. */
    @Test
    void whatTheOperatorAllows() {
        allowed("hooks.corp.example", "https://hooks.corp.example/", "http://hooks.corp.example:8080/x");
        allowed("10.1.0.0/16", "https://hooks.corp.example/", "http://10.1.2.3/", "https://10.1.2.3/");
        allowed("127.0.0.1", "http://127.0.0.1:9000/");
        allowed("printer", "http://printer/");
        blocked("10.1.0.0/16", "https://10.2.0.1/", "https://inside.example/", "http://good.example/");
        blocked("10.0.0.0/8", "http://half.example/");
        allowed("10.0.0.0/8", "https://half.example/");
        blocked(
                "hooks.corp.example",
                "https://10.1.2.3/",
                "https://other.corp.example/",
                "https://x.hooks.corp.example/");
        blocked("nowhere.example", "https://nowhere.example/");
    }

    @Test
    void whatCannotBeAllowed() {
        for (String text :
                List.of("*", "*.example", "10.0.0.0/33", "https://good.example", "a b", "127.1", "ex\u00e4mple")) {
            assertThat(text, AllowList.parse(text).isPresent(), is(false));
        }
        assertThat(
                AllowList.parse(" A.example , ::1/128,10.0.0.1 ,").orElseThrow().toString(),
                is("a.example, 0:0:0:0:0:0:0:1, 10.0.0.1"));
    }

    /** A stranger must not learn whether an internal name exists. */
    @Test
    void internalNamesAreNotRevealed() {
        assertThat(guard("").check("https://inside.example/"), is(guard("").check("https://nowhere.example/")));
    }

    private static void allowed(String allow, String... urls) {
        for (String url : urls) {
            assertThat(url, guard(allow).check(url) instanceof AddressGuard.Allowed, is(true));
        }
    }

    private static void blocked(String allow, String... urls) {
        for (String url : urls) {
            assertThat(url, guard(allow).check(url) instanceof AddressGuard.Blocked, is(true));
        }
    }

    private static String printable(String url) {
        StringBuilder text = new StringBuilder();
        url.chars().forEach(c -> text.append(c >= ' ' && c <= '~' ? (char) c : "\\u%04x".formatted(c)));
        return text.toString();
    }
}
