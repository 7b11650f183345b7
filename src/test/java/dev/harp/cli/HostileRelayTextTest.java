package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.client.HostileRelay;
import dev.harp.client.Joining.Confirmation;
import dev.harp.json.JsonTree;
import dev.harp.message.Decision;
import dev.harp.message.Envelope;
import dev.harp.message.Forgeries;
import dev.harp.message.PairingLink;
import dev.harp.testing.FakeServer.Request;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code harp} tells when the relay lies. */
@Timeout(300)
class HostileRelayTextTest {
    private static final String HELLO = "01900000-0000-7000-8000-000000000001";

    private final HostileRelay relay = new HostileRelay();
    private final TestPhone phone = new TestPhone(relay.url());

    @TempDir
    private Path folder = Path.of("");

    @AfterEach
    void close() {
        phone.close();
        relay.close();
    }

    private HarpThread harp(String... arguments) {
        return HarpThread.start(folder.resolve("agent"), arguments);
    }

    private HarpThread pairing() {
        return harp("pair", "--name", "demo", "--relay", relay.url());
    }

    private static PairingLink link(HarpThread pairing) throws InterruptedException {
        return PairingLink.parse(pairing.answer(), PairingLink.Http.LOOPBACK_ONLY)
                .orElseThrow();
    }

    private void pair() throws Exception {
        try (HarpThread pairing = pairing()) {
            TestPhone.Greeting greeting = phone.join(pairing.answer(), List.of());
            pairing.type(greeting.digits());
            pairing.said("confirm on the phone");
            assertThat(greeting.confirm(), is(Confirmation.PAIRED));
            assertThat(pairing.exit(), is(0));
        }
    }

    /** Sends a request, which the relay has then. */
    private String asked(HarpThread asking) throws InterruptedException {
        return asking.said("is sent").replaceFirst("Request (\\S+) is sent.*", "$1");
    }

    private HarpThread request() {
        return harp("request", "--name", "demo", "--action", "Deploy", "--ttl", "60");
    }

    @Test
    void aDeviceOfTheRelaysOwn() throws Exception {
        try (HarpThread pairing = pairing()) {
            relay.pairing(link(pairing).pairId()).bind("AAAA");
            pairing.said("somebody has joined who has not seen the code (envelope); the pairing is revoked. Pair again;"
                    + " if it happens again, do not trust the relay.");
            assertThat(pairing.exit(), is(14));
        }
    }

    @Test
    void aSigningKeyUnderWhichEveryTextIsSigned() throws Exception {
        try (HarpThread pairing = pairing()) {
            PairingLink link = link(pairing);
            String payload = Forgeries.payload(
                    link, Forgeries.someX25519(), Forgeries.weakEd25519().getFirst());
            relay.pairing(link.pairId()).bind(payload);
            pairing.said("somebody has joined who has not seen the code (weak_key); the pairing is revoked");
            assertThat(pairing.exit(), is(14));
        }
    }

    @Test
    void anAnswerToAnotherRequest() throws Exception {
        pair();
        String first;
        try (HarpThread harmless = request()) {
            first = asked(harmless);
            phone.decide(Decision.APPROVED);
            assertThat(harmless.exit(), is(0));
        }
        try (HarpThread grave = request()) {
            relay.entry(asked(grave)).response(relay.entry(first).response().orElseThrow());
            assertThat(grave.exit(), is(14));
            assertThat(grave.answers(), contains("not_genuine"));
            grave.said("What came back is not from the paired device (wrong_request). No decision.");
        }
    }

    @Test
    void aFalseEnd() throws Exception {
        pair();
        try (HarpThread asking = request()) {
            String id = asked(asking);
            relay.entry(id).answered("expired");
            phone.decide(Decision.DENIED);
            assertThat(asking.exit(), is(11));
            assertThat(asking.answers(), contains("expired"));
            asking.said("Nobody answered in time. That is no denial.");
        }
    }

    @Test
    void aPublicAddressThatIsNone() throws Exception {
        relay.about(JsonTree.object()
                .add("time", 0)
                .add("public_url", "javascript:alert(1)")
                .build());
        try (HarpThread pairing = pairing()) {
            pairing.said("the relay answered with a public_url that is no address of a relay");
            assertThat(pairing.exit(), is(1));
            assertThat(pairing.answers(), is(empty()));
        }
    }

    /** The page gets the phone's keys, so its host is one that the person has named. */
    @Test
    void aPageOfTheRelaysChoice() throws Exception {
        Optional<InetAddress> own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst();
        assumeTrue(own.isPresent(), "this machine has no address but loopback");
        try (HostileRelay other = new HostileRelay(own.get())) {
            other.about(JsonTree.object()
                    .add("time", 0)
                    .add("public_url", "https://evil.example")
                    .build());
            try (HarpThread pairing = harp("pair", "--name", "demo", "--insecure-http", "--relay", other.url())) {
                pairing.said("the relay says that phones reach it at https://evil.example, which is another host than "
                        + other.url() + ". The app's page there would get the phone's keys. If you trust that host,"
                        + " name the page: --app https://evil.example/app/");
                assertThat(pairing.exit(), is(2));
                assertThat(pairing.answers(), is(empty()));
            }
            assertThat(
                    "no pairing is opened",
                    other.received().stream().map(Request::call).toList(),
                    contains("GET /v1/about"));
        }
    }

    /** The public address of a relay on this machine, of which some reach no phone. */
    @Test
    void anAddressThatNoPhoneReaches() throws Exception {
        for (String[] each : new String[][] {
            {"http://relay:8787", "is a name that only this network knows; most phones do not"},
            {"http://0.0.0.0:8787", "is no address that anybody can call"},
            {"http://192.0.2.1:8787", "is called in the clear; phones refuse that"},
            {"https://localhost", "is this machine; no phone reaches it there"}
        }) {
            relay.about(
                    JsonTree.object().add("time", 0).add("public_url", each[0]).build());
            try (HarpThread pairing = pairing()) {
                pairing.said("Note: " + each[0] + " " + each[1] + ". Set the relay's PUBLIC_URL");
                pairing.answer();
                pairing.typeEnd();
            }
        }
    }

    @Test
    void aHelloThatWasChangedOnItsWay() throws Exception {
        try (HarpThread pairing = pairing()) {
            PairingLink link = link(pairing);
            Envelope hello = Forgeries.hello(link, Forgeries.someX25519());
            relay.put(HELLO, link.pairId(), hello.nonce(), hello.ciphertext());
            try (HarpThread joining = HarpThread.start(folder.resolve("phone"), "device", "join", link.format())) {
                joining.said("somebody has changed the platform's message on the way (commitment); nothing is joined");
                assertThat(joining.exit(), is(14));
                assertThat("no digits", joining.answers(), is(empty()));
            }
        }
    }

    @Test
    void somebodyElseHasJoined() throws Exception {
        try (HarpThread pairing = pairing()) {
            PairingLink link = link(pairing);
            relay.pairing(link.pairId()).bind(Forgeries.payload(link, Forgeries.someX25519(), Forgeries.someEd25519()));
            try (HarpThread joining = HarpThread.start(folder.resolve("phone"), "device", "join", link.format())) {
                joining.said("another device has joined this pairing already");
                assertThat(joining.exit(), is(1));
                assertThat("no digits", joining.answers(), is(empty()));
            }
            pairing.said("If it shows none, somebody else has joined");
            pairing.typeEnd();
            assertThat(pairing.exit(), is(1));
        }
    }

    /** The relay lists a decided request again: the earlier decision goes out, and not the one of now. */
    @Test
    void anApprovedRequestThatIsListedAgain() throws Exception {
        Path person = folder.resolve("person");
        try (HarpThread pairing = pairing();
                HarpThread joining = HarpThread.start(person, "device", "join", pairing.answer())) {
            pairing.type(joining.answer());
            pairing.said("confirm on the phone");
            joining.type("y");
            assertThat(joining.exit(), is(0));
            assertThat(pairing.exit(), is(0));
        }
        try (HarpThread asking = request()) {
            String id = asked(asking);
            String reference;
            try (HarpThread list = HarpThread.start(person, "device", "list")) {
                reference = list.answers().getLast().replace("to decide: ", "");
            }
            assertThat(HarpThread.start(person, "device", "approve", reference).exit(), is(0));
            relay.entry(id).state("delivered");
            try (HarpThread denying = HarpThread.start(person, "device", "deny", id)) {
                denying.said("That decision was sent again");
                assertThat(denying.exit(), is(16));
            }
        }
    }
}
