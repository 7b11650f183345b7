package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.message.Bytes;
import dev.harp.message.Decision;
import dev.harp.message.Envelope;
import dev.harp.message.Forgeries;
import dev.harp.message.PairingLink;
import dev.harp.message.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attacks on a pairing, by the relay and by whoever has seen or replaced the link. */
@Timeout(300)
class HostilePairingTest extends JoiningRig {
    @Test
    void anHonestRelayIsAllTheyNeed() throws Exception {
        PlatformCredentials credentials = ends.pair();
        assertTrue(credentials.checked());
        DeviceState.Paired paired =
                ends.phoneStore.read().orElseThrow().pairings().getFirst();
        assertTrue(paired.confirmed());
        assertEquals(credentials.pairing().transcript(), paired.pairing().transcript());
        try (Platform platform = ends.platform(credentials)) {
            Platform.Sent sent = TwoEnds.sent(platform, TwoEnds.deploy());
            assertInstanceOf(Device.Sent.class, ends.decide(ends.card(), Decision.APPROVED));
            Outcome.Decided decided = assertInstanceOf(Outcome.Decided.class, platform.await(sent));
            assertTrue(decided.isConsent());
        }
    }

    @Test
    void theRelayGetsADigestAndNeverTheSecretAQuestionOrAnAnswer() throws Exception {
        String everything;
        PairingLink link;
        try (PairingSession session = ends.open()) {
            link = session.link();
            Joining joining = begun(link);
            session.awaitDevice();
            assertInstanceOf(Joining.Greeted.class, joining.awaitHello());
        }
        try (Platform platform = ends.platform(ends.pair())) {
            TwoEnds.sent(platform, TwoEnds.deploy());
            ends.decide(ends.card(), Decision.APPROVED);
            everything = ends.relay.received().toString();
        }
        assertTrue(everything.contains(ends.relay.pairing(link.pairId()).secretHash()));
        for (String secret : List.of(
                link.secret().base64(),
                link.format().replaceFirst(".*#", ""),
                "Deploy",
                "approved",
                "deploy-bot",
                "Ann's")) {
            assertFalse(everything.contains(secret), secret);
        }
    }

    /** The relay knows SHA-256(S), which is all that binding asks for. */
    @Test
    void aDeviceOfTheRelaysOwnIsAStranger() throws Exception {
        for (String payload :
                List.of("", "AAAA", "A".repeat(5_000), Forgeries.someX25519().base64())) {
            try (PairingSession session = ends.open()) {
                ends.relay.pairing(session.link().pairId()).bind(payload);
                PairingSession.Stranger stranger =
                        assertInstanceOf(PairingSession.Stranger.class, session.awaitDevice());
                assertTrue(List.of(Reason.SEAL, Reason.ENVELOPE).contains(stranger.reason()));
                assertTrue(ends.relay.pairing(session.link().pairId()).ended(), "the pairing is revoked");
            }
        }
        assertEquals(List.of(), ends.relay.ids(), "no hello is sent");
    }

    @Test
    void thePayloadOfAnotherPairingIsAStranger() throws Exception {
        try (PairingSession first = ends.open();
                PairingSession second = ends.open()) {
            begun(first.link());
            ends.relay
                    .pairing(second.link().pairId())
                    .bind(ends.relay.pairing(first.link().pairId()).payload());
            assertEquals(
                    Reason.SEAL,
                    assertInstanceOf(PairingSession.Stranger.class, second.awaitDevice())
                            .reason());
        }
    }

    /** Keys put in between, by somebody who knows the link and changes the hello on its way. */
    @Test
    void aHelloThatTheLinkDidNotPromiseShowsNoDigits() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            assertInstanceOf(PairingSession.Joined.class, session.awaitDevice());
            Envelope other = Forgeries.hello(session.link(), Forgeries.someX25519());
            ends.relay.put(
                    "01900000-0000-7000-8000-000000000001", session.link().pairId(), other.nonce(), other.ciphertext());
            ends.relay.entry(ends.relay.ids().getFirst()).state("cancelled");
            assertEquals(new Joining.Changed(Reason.COMMITMENT), joining.awaitHello());
            assertThrows(IllegalStateException.class, joining::confirm);
            session.skipCheck();
            assertInstanceOf(PairingSession.NotConfirmed.class, session.complete());
        }
        assertNothingJoined();
    }

    /** Whoever replaces the link joins in the phone's place, and has the phone join them: the digits differ. */
    @Test
    void aReplacedLinkHasOtherDigits() throws Exception {
        try (TwoEnds mallory = new TwoEnds();
                PairingSession victim = ends.open();
                PairingSession own = PairingSession.open(
                        PairingSession.Settings.of(ends.relay.url(), "deploy-bot", "build-7"), ends.agentEnvironment);
                Device device = new Device(ends.relay.url(), mallory.phoneStore, mallory.phoneEnvironment)) {
            assertInstanceOf(
                    Device.Begun.class,
                    device.join(
                            victim.link().format(),
                            PairingLink.Http.LOOPBACK_ONLY,
                            "Ann's phone",
                            Optional.empty(),
                            List.of()));
            Joining deceived = begun(own.link());
            assertInstanceOf(PairingSession.Joined.class, victim.awaitDevice());
            assertInstanceOf(PairingSession.Joined.class, own.awaitDevice());
            String shown = assertInstanceOf(Joining.Greeted.class, deceived.awaitHello())
                    .handshake()
                    .checkCode();
            assertEquals(PairingSession.Check.WRONG, victim.check(shown));
            assertEquals(PairingSession.Check.WRONG, victim.check(shown));
            assertEquals(PairingSession.Check.REVOKED, victim.check(shown));
            assertTrue(ends.relay.pairing(victim.link().pairId()).ended());
        }
    }

    /** An onlooker of the code binds first. The person's phone shows no digits, so nobody can type them. */
    @Test
    void whoeverJoinsSecondIsToldThatSomebodyElseHasJoined() throws Exception {
        try (PairingSession session = ends.open()) {
            ends.relay
                    .pairing(session.link().pairId())
                    .bind(Forgeries.payload(session.link(), Forgeries.someX25519(), Forgeries.someEd25519()));
            RelayException refused = assertThrows(RelayException.class, () -> ends.join(session.link()));
            assertEquals("another device has joined this pairing already", refused.line());
            assertNothingJoined();
            assertInstanceOf(PairingSession.Joined.class, session.awaitDevice());
            assertThrows(IllegalStateException.class, session::complete, "without the digits there is no pairing");
        }
    }

    /** An injected pairing code: reading it calls nobody, and one of another relay is refused before anything. */
    @Test
    void openingALinkBindsNothing() throws Exception {
        try (TwoEnds evil = new TwoEnds();
                PairingSession session = evil.open()) {
            PairingLink link = PairingLink.parse(session.link().format(), PairingLink.Http.LOOPBACK_ONLY)
                    .orElseThrow();
            assertEquals(evil.relay.url(), link.relay(), "this is what the person is shown");
            var _ = evil.relay.takeReceived();
            assertEquals(new Device.BadLink(Reason.LINK_RELAY), ends.join(link));
            assertEquals(List.of(), evil.relay.received());
            assertEquals(List.of(), ends.relay.received());
            assertEquals(Optional.empty(), ends.phoneStore.read());
        }
    }

    @Test
    void aLinkIntoTheClearIsRefusedUnlessThePersonSaysSo() throws Exception {
        try (PairingSession session = ends.open()) {
            PairingLink link = session.link();
            PairingLink clear = new PairingLink(
                    "http://relay.example.org/app/",
                    "http://relay.example.org",
                    link.pairId(),
                    link.secret(),
                    link.commitment());
            assertEquals(new Device.BadLink(Reason.LINK_INSECURE), ends.join(clear));
        }
    }

    /** A code that names a known pairing. Its keys stay, and the relay is not even called. */
    @Test
    void aLinkOfAKnownPairingChangesNothing() throws Exception {
        PlatformCredentials credentials = ends.pair();
        DeviceState before = ends.phoneStore.read().orElseThrow();
        var _ = ends.relay.takeReceived();
        PairingLink other = new PairingLink(
                ends.relay.url() + "/app/",
                ends.relay.url(),
                credentials.pairing().pairId(),
                Forgeries.someX25519(),
                Forgeries.someX25519());
        assertInstanceOf(Device.AlreadyPaired.class, ends.join(other));
        assertEquals(Optional.of(before), ends.phoneStore.read());
        assertEquals(List.of(), ends.relay.received());
    }

    /** The page gets the device's keys. */
    @Test
    void theRelayDoesNotChooseThePage() throws Exception {
        About evil = about("https://relay.evil.example");
        assertEquals(Optional.empty(), evil.page("https://relay.example.org"));
        assertEquals(Optional.empty(), evil.page("https://evil.example"));
        assertEquals(Optional.empty(), about("http://192.0.2.2:8787").page("http://192.0.2.1:8787"));
        // The host that the person has named, and this machine, whose relay is theirs.
        assertEquals(
                Optional.of("https://relay.example.org/harp/app/"),
                about("https://relay.example.org/harp").page("http://relay.example.org:8787"));
        assertEquals(
                Optional.of("https://relay.example.org/app/"),
                about("https://relay.example.org").page("http://localhost:8787"));
        About silent = new About(Instant.EPOCH, Optional.empty(), false, Optional.empty(), OptionalLong.empty());
        assertEquals(Optional.of("https://relay.example.org/app/"), silent.page("https://relay.example.org"));
        assertEquals("https://relay.example.org", silent.linkAddress("https://relay.example.org"));
    }

    private static About about(String publicUrl) {
        return new About(Instant.EPOCH, Optional.of(publicUrl), true, Optional.empty(), OptionalLong.empty());
    }

    /** Under such a key one signature fits many texts. */
    @Test
    void aSigningKeyOfSmallOrderIsRefused() throws Exception {
        List<Bytes> keys = Forgeries.weakEd25519();
        assertEquals(10, keys.size());
        for (Bytes key : keys) {
            assertStranger(Forgeries.someX25519(), key);
        }
    }

    @Test
    void anAgreementKeyOfSmallOrderIsRefused() throws Exception {
        for (Bytes key : Forgeries.weakX25519()) {
            assertStranger(key, Forgeries.someEd25519());
        }
    }

    private void assertStranger(Bytes x25519, Bytes ed25519) throws Exception {
        try (PairingSession session = ends.open()) {
            ends.relay.pairing(session.link().pairId()).bind(Forgeries.payload(session.link(), x25519, ed25519));
            assertEquals(new PairingSession.Stranger(Reason.WEAK_KEY), session.awaitDevice());
            assertTrue(ends.relay.pairing(session.link().pairId()).ended());
        }
    }

    @Test
    void aPlatformsKeyOfSmallOrderIsRefusedByThePhone() throws Exception {
        for (Bytes key : Forgeries.weakX25519()) {
            try (PairingSession session = ends.open()) {
                PairingLink link = Forgeries.committed(session.link(), key);
                Joining joining = begun(link);
                Envelope hello = Forgeries.hello(link, key);
                ends.relay.put(
                        "01900000-0000-7000-8000-000000000001", link.pairId(), hello.nonce(), hello.ciphertext());
                assertEquals(new Joining.Changed(Reason.WEAK_KEY), joining.awaitHello());
            }
            assertNothingJoined();
        }
    }

    @Test
    void aConfirmationThatThePhoneDidNotSignIsNone() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            session.awaitDevice();
            String code = assertInstanceOf(Joining.Greeted.class, joining.awaitHello())
                    .handshake()
                    .checkCode();
            assertEquals(PairingSession.Check.RIGHT, session.check(code.substring(0, 3) + " " + code.substring(3)));
            HostileRelay.Entry hello = ends.relay.entry(ends.relay.ids().getFirst());
            hello.response(new Envelope(hello.nonce(), hello.ciphertext()).toJson());
            assertEquals(new PairingSession.NotGenuine(Reason.SEAL), session.complete());
            assertTrue(ends.relay.pairing(session.link().pairId()).ended());
        }
    }
}
