package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.json.JsonTree;
import dev.harp.message.PairingLink;
import dev.harp.testing.FakeServer.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** A pairing that takes its time, loses its connection, or does not come about. */
@Timeout(300)
class PairingSessionTest extends JoiningRig {
    private PairingSession.Settings settings(String publicRelay, String page, String name) {
        return new PairingSession.Settings(ends.relay.url(), publicRelay, page, Optional.of("key"), name, "host");
    }

    @Test
    void aCodeThatComesTooLateRevokes() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            session.awaitDevice();
            String code = assertInstanceOf(Joining.Greeted.class, joining.awaitHello())
                    .handshake()
                    .checkCode();
            ends.agentClock.advance(Duration.ofSeconds(300));
            assertEquals(PairingSession.Check.REVOKED, session.check(code));
            assertEquals(Joining.Confirmation.ENDED, joining.confirm(), "the phone is told");
        }
        assertNothingJoined();
    }

    @Test
    void aConfirmationThatComesTooLateIsNone() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            session.awaitDevice();
            String code = assertInstanceOf(Joining.Greeted.class, joining.awaitHello())
                    .handshake()
                    .checkCode();
            assertEquals(PairingSession.Check.RIGHT, session.check(code));
            assertEquals(Joining.Confirmation.PAIRED, joining.confirm());
            ends.relay.meanwhile("GET /v1/requests/.*", () -> ends.agentClock.advance(Duration.ofSeconds(300)));
            assertInstanceOf(PairingSession.NotConfirmed.class, session.complete());
            assertTrue(ends.relay.pairing(session.link().pairId()).ended());
        }
    }

    @Test
    void aPhoneThatDoesNotConfirmInTimeIsNotPaired() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            session.awaitDevice();
            String code = assertInstanceOf(Joining.Greeted.class, joining.awaitHello())
                    .handshake()
                    .checkCode();
            assertEquals(PairingSession.Check.RIGHT, session.check(code));
            var _ = ends.relay.takeReceived();
            assertInstanceOf(PairingSession.NotConfirmed.class, session.complete());
            assertTrue(ends.relay.pairing(session.link().pairId()).ended());
            int requests = ends.relay.received().size();
            assertTrue(requests < 310, "requests: " + requests);
        }
    }

    /** The relay is away when the session is given up: it ends here, and there by its own time. */
    @Test
    void aSessionIsGivenUpWithoutTheRelay() throws Exception {
        PairingSession session = ends.open();
        ends.relay.away(".*");
        session.close();
        assertEquals(PairingSession.Check.REVOKED, session.check("000000"));
    }

    @Test
    void whenNobodyComesTheSessionEnds() throws Exception {
        try (PairingSession session = ends.open()) {
            assertInstanceOf(PairingSession.Nobody.class, session.awaitDevice());
            assertTrue(ends.relay.pairing(session.link().pairId()).ended());
            assertNotEquals(List.of(), ends.agentPauses, "a relay that does not wait is not asked all the time");
            assertTrue(
                    ends.relay.received().size() < 310,
                    "requests: " + ends.relay.received().size());
        }
    }

    @Test
    void aPlatformThatSaysNothingEndsTheJoin() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            assertInstanceOf(Joining.Silence.class, joining.awaitHello());
            assertTrue(ends.relay.pairing(session.link().pairId()).ended());
        }
        assertNothingJoined();
    }

    @Test
    void aPairingThatTheRelayHasEndedIsNobody() throws Exception {
        try (PairingSession session = ends.open()) {
            ends.relay.instead("GET /v1/pairs/.*", HostileRelay.problem(410, "pairing_expired"));
            assertInstanceOf(PairingSession.Nobody.class, session.awaitDevice());
        }
        try (PairingSession session = ends.open()) {
            ends.relay.forget();
            assertInstanceOf(PairingSession.Nobody.class, session.awaitDevice());
        }
    }

    @Test
    void aRelayThatGoesAwayWhileAPairingIsOpenIsToldAsThat() throws Exception {
        try (PairingSession session = ends.open()) {
            ends.relay.away(".*");
            RelayException e = assertThrows(RelayException.class, session::awaitDevice);
            assertEquals(RelayException.Kind.UNREACHABLE, e.kind());
        }
    }

    @Test
    void aSessionThatCannotBeOpenedSaysWhy() {
        ends.relay.instead("POST /v1/pairs", HostileRelay.problem(401, "unauthorized"));
        assertEquals(
                RelayException.Kind.UNAUTHORIZED,
                assertThrows(RelayException.class, ends::open).kind());
        for (PairingSession.Settings wrong : List.of(
                settings("https://relay.example.org/", "https://relay.example.org/app/", "deploy-bot"),
                settings("https://relay.example.org", "https://relay.example.org/app", "deploy-bot"),
                settings("https://relay.example.org", "https://relay.example.org/app/", ""))) {
            assertThrows(IllegalArgumentException.class, () -> PairingSession.open(wrong, ends.agentEnvironment));
        }
    }

    /** What becomes a part of a path or a header is what it should be, or nothing is called with it. */
    @Test
    void idsAndTokensThatAreNoneAreRefused() throws Exception {
        for (String wrong : List.of("", "../about", "a b", "a\r\nX: y", "x".repeat(200))) {
            ends.relay.instead(
                    "POST /v1/devices",
                    HostileRelay.json(
                            201, JsonTree.object().add("device_id", wrong).add("device_token", "hdt_1")),
                    HostileRelay.json(
                            201, JsonTree.object().add("device_id", "dev_1").add("device_token", wrong)));
            assertUnexpected(() -> ends.phone.register(Optional.empty()));
            assertUnexpected(() -> ends.phone.register(Optional.empty()));
            ends.relay.instead(
                    "POST /v1/pairs",
                    HostileRelay.json(
                            201,
                            JsonTree.object()
                                    .add("pair_id", "pair_000000000001")
                                    .add("platform_token", wrong)));
            assertUnexpected(ends::open);
        }
        ends.relay.instead(
                "POST /v1/pairs",
                HostileRelay.json(
                        201, JsonTree.object().add("pair_id", "pair_../about").add("platform_token", "hpt_1")));
        assertUnexpected(ends::open);
        assertEquals(Optional.empty(), ends.phoneStore.read());
    }

    private static void assertUnexpected(Executable call) {
        assertEquals(
                RelayException.Kind.UNEXPECTED,
                assertThrows(RelayException.class, call).kind());
    }

    /** The hello under an id that would send the confirmation elsewhere. */
    @Test
    void aHelloUnderAnIdThatIsNoneIsNotAnswered() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            session.awaitDevice();
            HostileRelay.Entry hello = ends.relay.entry(ends.relay.ids().getFirst());
            ends.relay.put("../devices", session.link().pairId(), hello.nonce(), hello.ciphertext());
            hello.state("cancelled");
            assertInstanceOf(Joining.Silence.class, joining.awaitHello());
        }
    }

    /** A relay whose clock is far from this machine's takes the hello under an id of its own time. */
    @Test
    void theIdOfTheHelloIsCorrectedByTheRelaysTime() throws Exception {
        ends.relay.about(JsonTree.object().add("time", 1_000_000_000).build());
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            ends.relay.instead("POST /v1/requests", HostileRelay.problem(400, "stale_request_id"));
            assertInstanceOf(PairingSession.Joined.class, session.awaitDevice());
            assertInstanceOf(Joining.Greeted.class, joining.awaitHello());
            String id = ends.relay.ids().getFirst().replace("-", "");
            assertEquals(1_000_000_000, Long.parseLong(id.substring(0, 12), 16) / 1_000);
        }
    }

    @Test
    void aLostAnswerToABindingIsFetchedByTheSameBinding() throws Exception {
        try (PairingSession session = ends.open()) {
            ends.relay.losing("PUT /v1/pairs/.*");
            begun(session.link());
            List<String> bodies = ends.relay.received().stream()
                    .filter(request -> request.method().equals("PUT"))
                    .map(Request::body)
                    .toList();
            assertEquals(2, bodies.size());
            assertEquals(bodies.getFirst(), bodies.getLast());
        }
    }

    /** The tap again, after a restart of the app. */
    @Test
    void aJoinThatWasBegunIsTakenUpWithTheSameKeys() throws Exception {
        try (PairingSession session = ends.open()) {
            begun(session.link());
            String payload = ends.relay.pairing(session.link().pairId()).payload();
            try (Device again = new Device(ends.relay.url(), ends.phoneStore, ends.phoneEnvironment)) {
                assertInstanceOf(
                        Device.Begun.class,
                        again.join(
                                session.link().format(),
                                PairingLink.Http.LOOPBACK_ONLY,
                                "Ann's phone",
                                Optional.empty(),
                                List.of()));
            }
            assertEquals(payload, ends.relay.pairing(session.link().pairId()).payload());
        }
    }

    @Test
    void withoutTheCheckTheCredentialsSaySo() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = begun(session.link());
            session.awaitDevice();
            assertInstanceOf(Joining.Greeted.class, joining.awaitHello());
            session.skipCheck();
            joining.confirm();
            PlatformCredentials credentials = assertInstanceOf(PairingSession.Paired.class, session.complete())
                    .credentials();
            assertFalse(credentials.checked());
            assertEquals(Optional.of(credentials), PlatformCredentials.fromJson(credentials.toJson()));
        }
    }
}
