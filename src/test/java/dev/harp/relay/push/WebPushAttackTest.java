package dev.harp.relay.push;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import dev.harp.json.Json;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.outbound.Post;
import dev.harp.testing.FakeClock;
import jakarta.json.JsonObject;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Web Push by a relay whose devices are anybody's, and whose keys are not known at once. */
@Timeout(300)
class WebPushAttackTest {
    private static final String APP = "https://relay.example.org/harp/app/";

    private final FakeClock time = new FakeClock();
    private final AtomicReference<Optional<VapidKeys>> keys = new AtomicReference<>(Optional.of(VapidKeys.generate()));
    private final CountDownLatch gate = new CountDownLatch(1);
    private PushServiceDouble service;
    private WebPushSender sender;

    @BeforeEach
    void start() {
        service = new PushServiceDouble(keys.get().orElseThrow().publicText(), time);
        sender = sender(100, Optional.of(APP));
    }

    @AfterEach
    void stop() {
        gate.countDown();
        sender.close();
        service.close();
    }

    private WebPushSender sender(int inAll, Optional<String> app) {
        return new WebPushSender(
                keys::get,
                new WebPushSender.Identity("mailto:ops@example.org", app),
                new WebPushSender.Posts(post("", _ -> List.of()), post("127.0.0.1", this::hangs)),
                inAll,
                time,
                time);
    }

    private static Post post(String allow, AddressGuard.Names names) {
        return new Post(
                new AddressGuard(AllowList.parse(allow).orElseThrow(), names),
                Post::publicTrust,
                Duration.ofMinutes(1));
    }

    /** As a name server of a stranger's that does not answer. */
    private List<InetAddress> hangs(String name) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return List.of();
    }

    private static String at(String endpoint) throws Exception {
        return Browser.fresh().subscription(endpoint);
    }

    // --- strangers' hosts

    @Test
    void aThousandHangingHostsOfAStrangerHoldUpNoBrowser() throws Exception {
        for (int i = 0; i < 1000; i++) {
            var _ = sender.offer(Wakes.wake(i, at("https://h" + i + ".evil.example/push")), _ -> {});
        }
        assertThat(sender.others.running(), is(25));
        PushOutcome outcome = Wakes.outcome(Wakes.offered(sender, Wakes.wake(1, at("https://web.push.apple.com/a"))));
        // This test's resolver knows no name of a browser's service: the attempt was made.
        assertThat(outcome, is(new PushOutcome.NotNow("address not allowed", Optional.empty())));
        assertThat(sender.others.running(), is(25));
    }

    @Test
    void oneHostOfAStrangerGetsFewCallsAtATime() throws Exception {
        for (int i = 0; i < 1000; i++) {
            var _ = sender.offer(Wakes.wake(i, at("https://victim.example/" + i)), _ -> {});
        }
        assertThat(sender.others.running(), is(8));
        assertThat(sender.others.waiting(), is(lessThanOrEqualTo(256)));
        assertThat(sender.browsers.running(), is(0));
    }

    @Test
    void aRelayWithFewFilesHasAPlaceForEach() throws Exception {
        try (WebPushSender few = sender(1, Optional.empty())) {
            assertThat(few.offer(Wakes.wake(1, at("https://h.evil.example/")), _ -> {}), is(true));
            assertThat(few.others.running(), is(1));
            Wakes.outcome(Wakes.offered(few, Wakes.wake(2, at("https://fcm.googleapis.com/fcm/send/a"))));
        }
    }

    /** A stranger cannot make up a host that counts as a browser's. */
    @Test
    void theServicesOfBrowsersAreKnownByTheirNames() throws Exception {
        for (String host : List.of(
                "fcm.googleapis.com",
                "FCM.googleapis.com:443",
                "updates.push.services.mozilla.com",
                "web.push.apple.com",
                "wns2-par02p.notify.windows.com")) {
            assertThat(host, of(host).ofBrowser(), is(true));
        }
        for (String host : List.of(
                "fcm.googleapis.com.evil.example",
                "fcm.googleapis.com:8443",
                "xfcm.googleapis.com",
                "fcm-googleapis.com",
                "evilpush.apple.com",
                "push.apple.com.evil.example",
                "web.push.apple.com.",
                "notify.windows.com.evil.example",
                "ntfy.sh")) {
            assertThat(
                    host,
                    Subscription.parse(at("https://" + host + "/a"))
                            .filter(Subscription::ofBrowser)
                            .isPresent(),
                    is(false));
        }
        assertThat(
                Subscription.parse(at("http://fcm.googleapis.com/a"))
                        .orElseThrow()
                        .ofBrowser(),
                is(false));
    }

    private static Subscription of(String host) throws Exception {
        return Subscription.parse(at("https://" + host + "/a")).orElseThrow();
    }

    // --- the message

    /** The members that WebKit and the specification read; constant but for the two ids. */
    @Test
    void theMessageIsADeclarativeOne() throws Exception {
        assertThat(sent(3), is(new PushOutcome.Accepted()));
        PushServiceDouble.Got got = service.got.getFirst();
        assertThat(got.type(), is("application/notification+json"));
        JsonObject message =
                Json.tryObject(got.text().getBytes(StandardCharsets.UTF_8)).orElseThrow();
        assertThat(message.getInt("web_push"), is(8030));
        assertThat(message.getBoolean("mutable"), is(true));
        JsonObject notification = message.getJsonObject("notification");
        assertThat(
                notification.toString(),
                is("{\"title\":\"Approval requested\",\"body\":\"Open the app to read and answer.\",\"lang\":\"en\","
                        + "\"navigate\":\"" + APP + "\",\"tag\":\"harp\",\"renotify\":true,\"mutable\":true}"));
        assertThat(URI.create(notification.getString("navigate")).isAbsolute(), is(true));
        assertThat(message.keySet(), contains("title", "pair_id", "request_id", "web_push", "notification", "mutable"));
        sent(4);
        JsonObject other = Json.tryObject(service.got.getLast().text().getBytes(StandardCharsets.UTF_8))
                .orElseThrow();
        assertThat(other.getJsonObject("notification"), is(notification));
    }

    private PushOutcome sent(int number) throws Exception {
        return Wakes.outcome(Wakes.offered(sender, Wakes.wake(number, service.subscribe("/push/" + number))));
    }

    // --- the key pair

    /** A store that is away at the start: the attempt is repeated later, and nobody is called without a signature. */
    @Test
    void withoutAKeyPairNobodyIsCalled() throws Exception {
        Optional<VapidKeys> pair = keys.getAndSet(Optional.empty());
        for (int i = 0; i < 10; i++) {
            assertThat(sent(i), is(new PushOutcome.NotNow("no key pair from the store", Optional.empty())));
        }
        assertThat(service.mostOpen(), is(0));
        assertThat(
                "it is no failure of the service",
                sender.breakers.of(service.origin()).state(),
                is(CircuitBreaker.State.CLOSED));
        keys.set(pair);
        assertThat(sent(1), is(new PushOutcome.Accepted()));
        assertThat(service.got, hasSize(1));
        until(() -> sender.others.running() == 0);
    }
}
