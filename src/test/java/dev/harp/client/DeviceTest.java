package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.client.Platform.Sent;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Decision;
import dev.harp.testing.FakeServer;
import dev.harp.testing.FakeServer.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The answering side: its registration, its list, its one decision for each request, and its end. */
@Timeout(300)
class DeviceTest {
    private final TwoEnds ends = new TwoEnds();

    @AfterEach
    void close() {
        ends.close();
    }

    private List<String> calls() {
        return ends.relay.received().stream().map(Request::call).toList();
    }

    @Test
    void aDeviceRegistersOnce() throws Exception {
        ends.relay.instead("POST /v1/devices", HostileRelay.problem(503, "relay_full", "Retry-After: 2"));
        DeviceState first = ends.phone.register(Optional.of("token"));
        assertEquals(first, ends.phone.register(Optional.empty()));
        assertEquals(List.of("POST /v1/devices", "POST /v1/devices"), calls());
        assertEquals(List.of(Duration.ofSeconds(2)), ends.phonePauses);
        assertFalse(first.toString().contains(first.token()));
        assertEquals(Optional.of("token"), first.pushToken());
        assertEquals(Optional.of(first), DeviceState.fromJson(first.toJson()));
    }

    @Test
    void aDeviceThatHasJoinedNothingHasNoList() {
        RelayException e = assertThrows(RelayException.class, ends.phone::list);
        assertEquals("this device has joined nothing yet", e.line());
    }

    /** docs/protocol.md, 5.1: the relay keeps none before. A caller sees no difference. */
    @Test
    void thePushTokenIsToldAfterEachJoin() throws Exception {
        ends.phone.register(Optional.of("ExponentPushToken[a]"));
        ends.relay.instead("PATCH /v1/devices/.*", HostileRelay.problem(409, "not_paired"));
        ends.phone.setPushToken(Optional.of("ExponentPushToken[b]"));
        ends.pair();
        List<String> calls = calls();
        int bound = calls.indexOf(calls.stream()
                .filter(call -> call.startsWith("PUT /v1/pairs/"))
                .findFirst()
                .orElseThrow());
        Request told = ends.relay.received().get(bound + 1);
        assertEquals("PATCH", told.method());
        assertEquals("{\"push_token\":\"ExponentPushToken[b]\"}", told.body());
        assertEquals("{}", ends.relay.received().getFirst().body());
    }

    @Test
    void thePushTokenIsChangedAndCleared() throws Exception {
        ends.phone.register(Optional.empty());
        ends.phone.setPushToken(Optional.of("ExponentPushToken[a]"));
        ends.phone.setPushToken(Optional.empty());
        List<String> bodies = ends.relay.received().stream()
                .filter(request -> request.method().equals("PATCH"))
                .map(Request::body)
                .toList();
        assertEquals(List.of("{\"push_token\":\"ExponentPushToken[a]\"}", "{\"push_token\":null}"), bodies);
    }

    @Test
    void theListGoesOnAfterItsCursor() throws Exception {
        String id = "01900000-0000-7000-8000-00000000000a";
        Members withdrawn = JsonTree.object()
                .add("request_id", id)
                .add("pair_id", "pair_000000000001")
                .add("state", "cancelled")
                .build();
        ends.pair();
        ends.relay.instead(
                "GET /v1/devices/.*",
                HostileRelay.json(
                        200,
                        JsonTree.object()
                                .add("requests", new JsonTree.Items(List.of(withdrawn, new JsonTree.Whole(7))))
                                .add("cursor", "a b")),
                FakeServer.response(200, "{\"requests\":[],\"cursor\":\"3\",\"reset\":true}"));
        Inbox changes = ends.phone.list(Optional.of("1"), Duration.ofSeconds(90));
        assertEquals(List.of(id), changes.withdrawn());
        assertFalse(changes.reset());
        Inbox whole = ends.phone.list(Optional.of(changes.cursor()), Duration.ZERO);
        assertTrue(whole.reset());
        assertEquals("3", whole.cursor());
        List<Request> seen = ends.relay.received();
        assertTrue(seen.get(seen.size() - 2).target().endsWith("/requests?after=1&wait=55"));
        assertTrue(seen.getLast().target().endsWith("/requests?after=a+b&wait=0"));
    }

    /** The answer to an answer is lost: the same bytes are sent again. */
    @Test
    void aLostAnswerIsSentAgainUnchanged() throws Exception {
        try (Platform platform = ends.platform(ends.pair())) {
            Sent sent = TwoEnds.sent(platform, TwoEnds.deploy());
            var _ = ends.relay.takeReceived();
            ends.relay.losing("PUT /v1/requests/.*");
            assertInstanceOf(Device.Sent.class, ends.decide(ends.card(), Decision.APPROVED));
            List<String> bodies = ends.relay.received().stream()
                    .filter(request -> request.method().equals("PUT"))
                    .map(Request::body)
                    .toList();
            assertEquals(2, bodies.size());
            assertEquals(bodies.getFirst(), bodies.getLast());
            assertTrue(assertInstanceOf(Outcome.Decided.class, platform.await(sent))
                    .isConsent());
        }
    }

    /** The relay is away while the person decides: the decision stands, and is the one that is sent later. */
    @Test
    void aDecisionThatCouldNotBeSentStands() throws Exception {
        try (Platform platform = ends.platform(ends.pair())) {
            Sent sent = TwoEnds.sent(platform, TwoEnds.deploy());
            Inbox.Card card = ends.card();
            ends.relay.away("PUT /v1/requests/.*");
            assertThrows(RelayException.class, () -> ends.decide(card, Decision.DENIED));
            ends.relay.back();
            assertInstanceOf(Device.SentEarlier.class, ends.decide(card, Decision.APPROVED));
            assertEquals(
                    Decision.DENIED,
                    assertInstanceOf(Outcome.Decided.class, platform.await(sent))
                            .answer()
                            .decision());
        }
    }

    /** Tabs, taps and processes: whichever decides first decides. */
    @Test
    void ofManyDecisionsAtOnceOneIsSent(@TempDir Path folder) throws Exception {
        DeviceStore store = DeviceStore.inFile(new JsonFile(folder.resolve("device.json")));
        try (Platform platform = ends.platform(ends.pair());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            store.change(_ -> new DeviceStore.Change<>(ends.phoneStore.read(), true));
            Sent sent = TwoEnds.sent(platform, TwoEnds.deploy());
            Inbox.Card card = ends.card();
            List<Callable<Device.DecideResult>> taps = IntStream.range(0, 8)
                    .<Callable<Device.DecideResult>>mapToObj(tap -> () -> {
                        DeviceStore own = DeviceStore.inFile(new JsonFile(folder.resolve("device.json")));
                        try (Device tab = new Device(ends.relay.url(), own, ends.phoneEnvironment)) {
                            Decision decision = tap % 2 == 0 ? Decision.APPROVED : Decision.DENIED;
                            return tab.decide(card, dev.harp.message.Answer.of(decision, ends.phoneEnvironment.now()));
                        }
                    })
                    .toList();
            int first = 0;
            for (Future<Device.DecideResult> result : threads.invokeAll(taps)) {
                switch (result.get()) {
                    case Device.Sent _ -> first++;
                    case Device.SentEarlier _ -> {}
                    case Device.DecideResult other -> throw new AssertionError(other.toString());
                }
            }
            assertEquals(1, first);
            assertEquals(
                    1,
                    ends.relay.received().stream()
                            .filter(request ->
                                    request.call().equals("PUT /v1/requests/" + sent.requestId() + "/response"))
                            .map(Request::body)
                            .distinct()
                            .count());
        }
    }

    @Test
    void anAnswerToARequestThatHasEndedIsToldAsTooLate() throws Exception {
        try (Platform platform = ends.platform(ends.pair())) {
            for (String state : List.of("expired", "cancelled")) {
                Sent sent = TwoEnds.sent(platform, TwoEnds.deploy());
                Inbox.Card card = ends.card();
                ends.relay.entry(sent.requestId()).state(state);
                assertEquals(new Device.TooLate("request_" + state), ends.decide(card, Decision.APPROVED));
            }
            TwoEnds.sent(platform, TwoEnds.deploy());
            Inbox.Card card = ends.card();
            ends.relay.instead("PUT /v1/requests/.*", HostileRelay.problem(413, "payload_too_large"));
            assertThrows(RelayException.class, () -> ends.decide(card, Decision.APPROVED));
        }
    }

    /** The phone was killed, or the relay away, between the tap and the relay's answer. */
    @Test
    void aConfirmationThatTheRelayDoesNotHaveIsSentAgain() throws Exception {
        try (PairingSession session = ends.open()) {
            Joining joining = assertInstanceOf(Device.Begun.class, ends.join(session.link()))
                    .joining();
            session.awaitDevice();
            String code = assertInstanceOf(Joining.Greeted.class, joining.awaitHello())
                    .handshake()
                    .checkCode();
            session.check(code);
            ends.relay.away("PUT /v1/requests/.*");
            assertThrows(RelayException.class, joining::confirm);
            assertFalse(
                    ends.phoneStore.read().orElseThrow().pairings().getFirst().confirmed());
            ends.relay.back();
            ends.phone.resendConfirmation();
            assertTrue(
                    ends.phoneStore.read().orElseThrow().pairings().getFirst().confirmed());
            assertInstanceOf(PairingSession.Paired.class, session.complete());
        }
    }

    /** The join of a process that was killed: its secrets go with the next transaction of whatever kind. */
    @Test
    void aJoinIsNotKeptBeyondItsTime() throws Exception {
        for (Duration late : List.of(Duration.ofSeconds(600), Duration.ofSeconds(-600))) {
            try (PairingSession session = ends.open()) {
                ends.join(session.link());
                ends.phoneClock.advance(late.minusSeconds(late.isNegative() ? -1 : 1));
                ends.phone.list();
                assertTrue(ends.phoneStore.read().orElseThrow().join().isPresent());
                ends.phoneClock.advance(Duration.ofSeconds(late.isNegative() ? -1 : 1));
                ends.phone.list();
                assertEquals(
                        Optional.empty(), ends.phoneStore.read().orElseThrow().join());
            }
        }
    }

    /** The relay took the confirmation, its answer was lost, and 600 s later it has forgotten the hello. */
    @Test
    void aForgottenHelloDoesNotEndAPairingThatStands() throws Exception {
        String pairId = ends.pair().pairing().pairId();
        unconfirmed(pairId);
        ends.relay.instead("PUT /v1/requests/.*", HostileRelay.problem(401, "unauthorized"));
        ends.phone.resendConfirmation();
        assertTrue(paired(pairId).orElseThrow().confirmed());
        unconfirmed(pairId);
        ends.relay.pairing(pairId).payload("somebody else's");
        ends.relay.instead("PUT /v1/requests/.*", HostileRelay.problem(401, "unauthorized"));
        ends.phone.resendConfirmation();
        assertEquals(Optional.empty(), paired(pairId));
    }

    /** Only the hello's entry is sent again: an ordinary answer that has expired says nothing of the pairing. */
    @Test
    void anExpiredAnswerDoesNotEndAPairing() throws Exception {
        PlatformCredentials credentials = ends.pair();
        String pairId = credentials.pairing().pairId();
        try (Platform platform = ends.platform(credentials)) {
            Sent sent = TwoEnds.sent(platform, TwoEnds.deploy());
            Inbox.Card card = ends.card();
            ends.relay.entry(sent.requestId()).state("expired");
            ends.decide(card, Decision.DENIED);
            unconfirmed(pairId);
            ends.phone.resendConfirmation();
            assertTrue(paired(pairId).orElseThrow().confirmed());
        }
    }

    @Test
    void aPlatformThatAsksHasTheConfirmation() throws Exception {
        PlatformCredentials credentials = ends.pair();
        String pairId = credentials.pairing().pairId();
        unconfirmed(pairId);
        try (Platform platform = ends.platform(credentials)) {
            TwoEnds.sent(platform, TwoEnds.deploy());
            ends.card();
            assertTrue(paired(pairId).orElseThrow().confirmed());
        }
    }

    private Optional<DeviceState.Paired> paired(String pairId) {
        return ends.phoneStore.read().orElseThrow().pairing(pairId);
    }

    /** The process was killed before it stored that the relay has the confirmation. */
    private void unconfirmed(String pairId) {
        DeviceState.Paired known = paired(pairId).orElseThrow();
        ends.phoneStore.change(state -> new DeviceStore.Change<>(
                state.map(now -> now.with(new DeviceState.Paired(known.pairing(), known.log(), false))), true));
    }

    /** The keys go first: then the pairing has ended here, whatever the relay does. */
    @Test
    void leavingDeletesTheKeysBeforeTheRelayIsTold() throws Exception {
        PlatformCredentials credentials = ends.pair();
        ends.relay.instead("DELETE /v1/pairs/.*", HostileRelay.problem(500, "internal_error"));
        assertThrows(
                RelayException.class,
                () -> ends.phone.leave(credentials.pairing().pairId()));
        assertEquals(List.of(), ends.phoneStore.read().orElseThrow().pairings());
        ends.phone.leave(credentials.pairing().pairId());
        ends.phone.leave(credentials.pairing().pairId());
        assertTrue(ends.relay.pairing(credentials.pairing().pairId()).ended());
    }

    @Test
    void aRemovedDeviceIsGoneAlsoIfTheRelayHadForgottenIt() throws Exception {
        ends.pair();
        ends.relay.losing("DELETE /v1/devices/.*");
        ends.phone.remove();
        assertEquals(Optional.empty(), ends.phoneStore.read());
        ends.phone.register(Optional.empty());
        ends.relay.instead("DELETE /v1/devices/.*", HostileRelay.problem(401, "unauthorized"));
        ends.phone.remove();
        ends.phone.register(Optional.empty());
        ends.relay.instead("DELETE /v1/devices/.*", HostileRelay.problem(500, "internal_error"));
        assertThrows(RelayException.class, ends.phone::remove);
        assertEquals(Optional.empty(), ends.phoneStore.read());
    }

    @Test
    void theStateReadsBackTheSameAndNothingElseIsRead(@TempDir Path folder) throws Exception {
        ends.pair();
        try (PairingSession session = ends.open()) {
            ends.join(session.link());
            DeviceState state = ends.phoneStore.read().orElseThrow();
            assertTrue(state.join().isPresent());
            assertEquals(Optional.of(state), DeviceState.fromJson(state.toJson()));
            JsonFile file = new JsonFile(folder.resolve("inner/device.json"));
            DeviceStore store = DeviceStore.inFile(file);
            store.change(_ -> new DeviceStore.Change<>(Optional.of(state), true));
            assertEquals(Optional.of(state), store.read());
            file.write(JsonTree.object().add("v", 2).build());
            assertThrows(IllegalStateException.class, store::read);
            file.delete();
            assertEquals(Optional.empty(), store.read());
        }
    }
}
