package dev.harp.relay.push;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.outbound.Post;
import dev.harp.testing.FakeClock;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A push service over real sockets that decrypts what it gets, in order and out of it. */
@Timeout(300)
class WebPushSenderTest {
    private static final PushOutcome ACCEPTED = new PushOutcome.Accepted();

    private final FakeClock time = new FakeClock();
    private final VapidKeys keys = VapidKeys.generate();
    private final List<WebPushSender> senders = new ArrayList<>();
    private PushServiceDouble service;

    @BeforeEach
    void start() throws IOException {
        service = new PushServiceDouble(keys.publicText(), time);
    }

    @AfterEach
    void stop() {
        service.close();
        senders.forEach(WebPushSender::close);
    }

    private WebPushSender sender(String allow, Duration limit) {
        AddressGuard guard = new AddressGuard(AllowList.parse(allow).orElseThrow(), _ -> List.of());
        Post post = new Post(guard, Post::publicTrust, limit);
        WebPushSender sender = new WebPushSender(
                () -> Optional.of(keys),
                new WebPushSender.Identity("mailto:ops@example.org", Optional.empty()),
                new WebPushSender.Posts(post, post),
                100,
                time,
                time);
        senders.add(sender);
        return sender;
    }

    private WebPushSender sender() {
        return sender("127.0.0.1", Duration.ofMinutes(1));
    }

    private static PushOutcome.NotNow notNow(String why) {
        return new PushOutcome.NotNow(why, Optional.empty());
    }

    /** RFC 8291, section 5 and appendix A: so the browser of these tests is one. */
    @Test
    void theBrowserDecryptsTheExampleOfTheRfc() throws Exception {
        Browser browser = new Browser(
                Browser.privateKey(Browser.bytes("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")),
                Browser.bytes(
                        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
                Browser.bytes("BTBZMqHH6r4Tts7J_aSIgg"));
        String body =
                "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w"
                    + "EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assertThat(browser.decrypted(Browser.bytes(body)), is("When I grow up, I want to be a watermelon"));
    }

    @Test
    void whatTheBrowserGets() throws Exception {
        String token = service.subscribe("/push/secret-path");
        assertThat(Wakes.outcome(Wakes.offered(sender(), Wakes.wake(7, token))), is(ACCEPTED));
        assertThat(service.got, hasSize(1));
        PushServiceDouble.Got got = service.got.getFirst();
        assertThat(
                got.text(),
                is("{\"title\":\"Approval requested\",\"pair_id\":\"pair_000000000007\","
                        + "\"request_id\":\"01900000-0000-7000-8000-000000000007\"}"));
        assertThat(got.type(), is("application/octet-stream"));
        assertThat(got.ttl(), is("3600"));
        assertThat(got.urgency(), is("high"));
        assertThat(Wakes.wake(7, token).toString(), not(containsString("secret-path")));
        assertThat(Subscription.parse(token).orElseThrow().toString(), not(containsString("secret-path")));
    }

    /** A second attempt has the topic of the first and takes its place; the topic tells no id. */
    @Test
    void theTopicIsTheRequests() throws Exception {
        WebPushSender sender = sender();
        String token = service.subscribe("/push/1");
        for (int number : new int[] {1, 1, 2}) {
            assertThat(Wakes.outcome(Wakes.offered(sender, Wakes.wake(number, token))), is(ACCEPTED));
        }
        List<String> topics =
                service.got.stream().map(PushServiceDouble.Got::topic).toList();
        assertThat(topics.get(0), is(topics.get(1)));
        assertThat(topics.get(0), is(not(topics.get(2))));
    }

    /** The double refuses a signature whose time is over, or is further off than the 24 hours of RFC 8292. */
    @Test
    void theSignatureIsValidWheneverAMessageIsSent() throws Exception {
        WebPushSender sender = sender();
        String token = service.subscribe("/push/1");
        for (Duration pause : List.of(Duration.ZERO, Duration.ofHours(5), Duration.ofHours(2), Duration.ofHours(30))) {
            time.advance(pause);
            PushNotification wake = new PushNotification(
                    Wakes.key(1), Wakes.device(1), token, time.instant().plusSeconds(60));
            assertThat(Wakes.outcome(Wakes.offered(sender, wake)), is(ACCEPTED));
        }
    }

    private record Row(int status, Map<String, String> headers, PushOutcome expected) {}

    @Test
    void theLedgerOfAnswers() throws Exception {
        List<Row> rows = List.of(
                new Row(201, Map.of("Location", "https://push.example/message/1"), ACCEPTED),
                new Row(200, Map.of(), ACCEPTED),
                new Row(202, Map.of(), ACCEPTED),
                new Row(404, Map.of(), new PushOutcome.TokenDead()),
                new Row(410, Map.of(), new PushOutcome.TokenDead()),
                new Row(400, Map.of(), new PushOutcome.Refused("status 400")),
                new Row(401, Map.of(), new PushOutcome.Refused("status 401")),
                new Row(403, Map.of(), new PushOutcome.Refused("status 403")),
                new Row(413, Map.of(), new PushOutcome.Refused("status 413")),
                new Row(307, Map.of("Location", "http://127.0.0.1:1/"), new PushOutcome.Refused("status 307")),
                new Row(
                        429,
                        Map.of("Retry-After", "30"),
                        new PushOutcome.NotNow("status 429", Optional.of(Duration.ofSeconds(30)))),
                new Row(500, Map.of(), notNow("status 500")),
                new Row(
                        503,
                        Map.of("Retry-After", "5"),
                        new PushOutcome.NotNow("status 503", Optional.of(Duration.ofSeconds(5)))),
                new Row(0, Map.of(), notNow("no answer in time")));
        WebPushSender sender = sender();
        WebPushSender impatient = sender("127.0.0.1", Duration.ofMillis(500));
        String token = service.subscribe("/push/1");
        List<String> wrong = new ArrayList<>();
        System.out.printf("%-12s | %s%n", "the double", "the sender concluded");
        for (Row row : rows) {
            service.next(row.status(), row.headers());
            PushOutcome outcome =
                    Wakes.outcome(Wakes.offered(row.status() == 0 ? impatient : sender, Wakes.wake(1, token)));
            System.out.printf("%-12s | %s%n", row.status() == 0 ? "no answer" : row.status(), outcome);
            if (!outcome.equals(row.expected())) {
                wrong.add(row + ": " + outcome);
            }
        }
        assertThat(wrong, is(empty()));
    }

    /** What strangers may write into a push token: refused, and nobody is called. */
    @Test
    void malformedSubscriptionsAreRefused() throws Exception {
        String endpoint = service.origin() + "/push/1";
        Browser browser = Browser.fresh();
        byte[] good = browser.point();
        String point = Browser.base64(good);
        String secret = Browser.base64(new byte[16]);
        byte[] off = good.clone();
        off[64] ^= 1;
        byte[] compressed = Arrays.copyOf(good, 33);
        compressed[0] = 2;
        byte[] hybrid = good.clone();
        hybrid[0] = 6;
        byte[] infinity = new byte[65];
        infinity[0] = 4;
        byte[] beyond = good.clone();
        BigInteger p = ((java.security.spec.ECFieldFp) Browser.privateKey(new byte[] {1})
                        .getParams()
                        .getCurve()
                        .getField())
                .getP();
        System.arraycopy(p.toByteArray(), 1, beyond, 1, 32);
        WebPushSender sender = sender();
        for (String token : List.of(
                "{",
                "{}",
                "{}{}",
                "{\"endpoint\":\"" + endpoint + "\"}",
                "{\"endpoint\":\"" + endpoint + "\",\"keys\":[]}",
                "{\"endpoint\":7,\"keys\":{\"p256dh\":\"" + point + "\",\"auth\":\"" + secret + "\"}}",
                "{\"endpoint\":\"https://a.example/\",\"endpoint\":\"" + endpoint + "\",\"keys\":{\"p256dh\":\"" + point
                        + "\",\"auth\":\"" + secret + "\"}}",
                "{\"a\":" + "[".repeat(2000) + "]".repeat(2000) + "}",
                Browser.subscription(endpoint, Browser.base64(off), secret),
                Browser.subscription(endpoint, Browser.base64(compressed), secret),
                Browser.subscription(endpoint, Browser.base64(hybrid), secret),
                Browser.subscription(endpoint, Browser.base64(infinity), secret),
                Browser.subscription(endpoint, Browser.base64(beyond), secret),
                Browser.subscription(endpoint, Browser.base64(Arrays.copyOf(good, 64)), secret),
                Browser.subscription(endpoint, Browser.base64(Arrays.copyOf(good, 66)), secret),
                Browser.subscription(endpoint, "", secret),
                Browser.subscription(endpoint, "!" + point.substring(1), secret),
                Browser.subscription(endpoint, point, ""),
                Browser.subscription(endpoint, point, Browser.base64(new byte[15])),
                Browser.subscription(endpoint, point, Browser.base64(new byte[17])),
                Browser.subscription("", point, secret),
                Browser.subscription("ftp://a.example/", point, secret),
                Browser.subscription("https://user@a.example/", point, secret),
                Browser.subscription("https://a.example/#b", point, secret),
                Browser.subscription("https://a.example/\r\nX: y", point, secret))) {
            assertThat(sender.knows(token), is(true));
            assertThat(token, WebPushSender.flaw(token).isPresent(), is(true));
            assertThat(
                    token,
                    Wakes.outcome(Wakes.offered(sender, Wakes.wake(1, token))),
                    is(new PushOutcome.Refused("no subscription")));
        }
        assertThat(service.got, is(empty()));
        assertThat(sender.knows("ExponentPushToken[a]"), is(false));
        assertThat(sender.knows(""), is(false));
    }

    /** An endpoint in the house is not called unless the operator says so. */
    @Test
    void addressesThatAreNotPublicAreNotCalled() throws Exception {
        String token = service.subscribe("/push/1");
        WebPushSender sender = sender("", WebPushSender.CALL);
        assertThat(Wakes.outcome(Wakes.offered(sender, Wakes.wake(1, token))), is(notNow("address not allowed")));
        assertThat(service.mostOpen(), is(0));
    }

    @Test
    void eachPushServiceHasItsBreaker() throws Exception {
        WebPushSender sender = sender();
        String token = service.subscribe("/push/1");
        for (int i = 0; i < 20; i++) {
            service.next(429, Map.of());
            assertThat(Wakes.outcome(Wakes.offered(sender, Wakes.wake(i, token))), is(notNow("status 429")));
        }
        assertThat(open(sender.breakers), is(0L));
        for (int i = 0; i < 5; i++) {
            service.next(503, Map.of());
            assertThat(Wakes.outcome(Wakes.offered(sender, Wakes.wake(i, token))), is(notNow("status 503")));
        }
        assertThat(open(sender.breakers), is(1L));
        assertThat(sender.offer(Wakes.wake(6, token), _ -> {}), is(false));
        assertThat(sender.pause(token), is(Duration.ofSeconds(15)));
        assertThat(sender.pause("{"), is(Duration.ZERO));
        try (PushServiceDouble other = new PushServiceDouble(keys.publicText(), time)) {
            CompletableFuture<PushOutcome> told = Wakes.offered(sender, Wakes.wake(1, other.subscribe("/push/1")));
            assertThat(Wakes.outcome(told), is(ACCEPTED));
        }
        time.advance(Duration.ofSeconds(15));
        assertThat(Wakes.outcome(Wakes.offered(sender, Wakes.wake(7, token))), is(ACCEPTED));
        assertThat(open(sender.breakers), is(0L));
    }

    /** How many are not closed. */
    private static long open(CircuitBreakers breakers) {
        return breakers.known.values().stream()
                .filter(breaker -> breaker.state() != CircuitBreaker.State.CLOSED)
                .count();
    }

    @Test
    void breakersTakeABoundedRoom() {
        CircuitBreakers breakers = new CircuitBreakers(3, time);
        for (int i = 0; i < 10; i++) {
            CircuitBreaker breaker = breakers.of("https://" + i + ".example");
            for (int call = 0; call < 5; call++) {
                assertThat(breaker.begin(), is(true));
                var _ = breaker.failed(Optional.empty());
            }
            assertThat(breakers.of("https://" + i + ".example").admits(), is(false));
        }
        assertThat(open(breakers), is(3L));
        assertThat(breakers.of("https://0.example").admits(), is(true));
        assertThat(open(breakers), is(2L));
    }

    /** One device whose push service never answers holds its few places. */
    @Test
    void aHangingPushServiceIsBounded() throws Exception {
        WebPushSender sender = sender();
        String token = service.subscribe("/push/1");
        for (int i = 0; i < 40; i++) {
            service.next(0, Map.of());
        }
        int taken = 0;
        for (int i = 0; i < 3000; i++) {
            PushNotification wake =
                    new PushNotification(Wakes.key(i), Wakes.device(0), token, FakeClock.START.plus(Wakes.AN_HOUR));
            taken += sender.offer(wake, _ -> {}) ? 1 : 0;
        }
        assertThat(taken, is(lessThanOrEqualTo(256 + 4)));
        assertThat(sender.others.running(), is(4));
        until(() -> service.open() == 4);
        for (int i = 0; i < 100; i++) {
            var _ = sender.offer(Wakes.wake(i + 1, token), _ -> {});
        }
        assertThat(sender.others.running(), is(lessThanOrEqualTo(8)));
        sender.close();
        assertThat(sender.others.waiting(), is(0));
        assertThat(sender.offer(Wakes.wake(1, token), _ -> {}), is(false));
    }

    @Test
    void aRequestThatHasEndedWakesNobody() throws Exception {
        PushNotification ended =
                new PushNotification(Wakes.key(1), Wakes.device(1), service.subscribe("/push/1"), FakeClock.START);
        assertThat(Wakes.outcome(Wakes.offered(sender(), ended)), is(new PushOutcome.Refused("the request has ended")));
        assertThat(service.got, is(empty()));
    }

    @Test
    void originsAreWrittenAsOnTheWeb() throws Exception {
        Browser browser = Browser.fresh();
        List<String> origins = new ArrayList<>();
        for (String endpoint : List.of(
                "https://Push.example/a?b",
                "https://push.example:443/",
                "https://push.example:8443/",
                "https://[2001:DB8::1]/")) {
            origins.add(Subscription.parse(browser.subscription(endpoint))
                    .orElseThrow()
                    .origin());
        }
        assertThat(
                origins,
                contains(
                        "https://push.example",
                        "https://push.example",
                        "https://push.example:8443",
                        "https://[2001:db8::1]"));
    }

    @Test
    void keysAreReadAsTheyAreWritten() {
        for (int i = 0; i < 50; i++) {
            VapidKeys made = VapidKeys.generate();
            assertThat(made.text().length(), is(87 + 1 + 43));
            assertThat(VapidKeys.parse(made.text()).orElseThrow().text(), is(made.text()));
            assertThat(made.toString(), not(containsString(made.text().substring(88))));
        }
        String text = keys.text();
        for (String wrong : List.of(
                "",
                keys.publicText(),
                text + "=",
                " " + text,
                text.replace('.', ','),
                keys.publicText() + VapidKeys.generate().text().substring(87),
                keys.publicText() + "." + "A".repeat(43),
                keys.publicText() + "." + "_".repeat(42) + "8",
                "B" + "A".repeat(86) + text.substring(87))) {
            assertThat(wrong, VapidKeys.parse(wrong), is(Optional.empty()));
        }
    }

    @Test
    void subjectsAreAddresses() {
        for (String subject : List.of("mailto:ops@example.org", "https://relay.example.org/contact")) {
            assertThat(subject, VapidKeys.isSubject(subject), is(true));
        }
        for (String subject : List.of(
                "",
                "ops@example.org",
                "mailto:",
                "mailto:ops",
                "http://a.example",
                "https://",
                "mailto:a\"@b",
                "mailto:a@b\\c",
                "mailto:a@b c",
                "mailto:a@b\n",
                "https://" + "a".repeat(256))) {
            assertThat(subject, VapidKeys.isSubject(subject), is(false));
        }
    }
}
