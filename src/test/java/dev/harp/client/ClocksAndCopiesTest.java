package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.client.Platform.Sent;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import dev.harp.message.Reason;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of questions and answers under wrong clocks, and after old copies have been put back. */
@Timeout(300)
class ClocksAndCopiesTest extends AskingRig {
    // --- clocks ---

    @Test
    void aPhoneWhoseClockIsBehindSeesAQuestionFromTheFuture() throws Exception {
        ends.phoneClock.advance(Duration.ofSeconds(-121));
        Sent sent = ask("Deploy 2.1");
        Inbox.Card card = card(sent);
        assertEquals(Optional.of(Reason.ISSUED_IN_FUTURE), card.notNow());
        assertEquals(new Device.NotDecided(Reason.ISSUED_IN_FUTURE), ends.decide(card, Decision.APPROVED));
        ends.phoneClock.advance(Duration.ofSeconds(1));
        assertEquals(Optional.empty(), card(sent).notNow(), "120 s are allowed");
    }

    @Test
    void aPhoneWhoseClockIsAheadSeesAnExpiredQuestion() throws Exception {
        ends.phoneClock.advance(TTL);
        Sent sent = ask("Deploy 2.1");
        assertEquals(Optional.of(Reason.EXPIRED), card(sent).notNow());
        assertEquals(new Device.NotDecided(Reason.EXPIRED), ends.decide(card(sent), Decision.APPROVED));
    }

    /** Somebody sets the phone's clock back to revive an old question. */
    @Test
    void aPhoneWhoseClockWasSetBackDeniesAndDoesNotApprove() throws Exception {
        Sent old = ask("Delete everything");
        Sent swallowed = ask("Deploy 2.1");
        ends.pass(TTL);
        Sent newer = ask("Say hello");
        assertEquals(Optional.empty(), card(newer).notNow());
        ends.phoneClock.advance(TTL.negated());
        assertEquals(new Device.NotDecided(Reason.CLOCK_BEHIND), ends.decide(card(old), Decision.APPROVED));
        assertInstanceOf(Device.Sent.class, ends.decide(card(swallowed), Decision.DENIED));
    }

    @Test
    void aPlatformWhoseClockIsSetBackStillStopsWaiting() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        ends.agentClock.advance(TTL);
        ends.agentClock.advance(Duration.ofHours(-1));
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
    }

    @Test
    void aPlatformWhoseClockIsSetForwardStopsWaiting() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        ends.agentClock.set(ends.agentClock.instant().plus(TTL));
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
    }

    @Test
    void aDeviceClockThatDiffersIsToldAndNotJudged() throws Exception {
        Sent sent = ask("Deploy 2.1");
        assertInstanceOf(
                Device.Sent.class,
                ends.phone.decide(card(sent), Answer.of(Decision.APPROVED, ends.phoneEnvironment.now() - 121)));
        Outcome.Decided decided = assertInstanceOf(Outcome.Decided.class, platform.await(sent));
        assertTrue(decided.clockDiffers());
        assertTrue(decided.isConsent());
    }

    /** The relay's clock corrects the time in the id, and no time in the question. */
    @Test
    void theRelaysClockJudgesNothing() throws Exception {
        long years = ends.agentEnvironment.now() + Duration.ofDays(3_650).toSeconds();
        ends.relay.about(dev.harp.json.JsonTree.object().add("time", years).build());
        ends.relay.instead("POST /v1/requests", HostileRelay.problem(400, "stale_request_id"));
        Sent sent = ask("Deploy 2.1");
        long inId = Long.parseLong(sent.requestId().replace("-", "").substring(0, 12), 16) / 1_000;
        assertEquals(years, inId);
        assertEquals(ends.agentEnvironment.now(), sent.question().issuedAt());
        assertEquals(Optional.empty(), card(sent).notNow());
        ends.decide(card(sent), Decision.APPROVED);
        assertTrue(assertInstanceOf(Outcome.Decided.class, platform.await(sent)).isConsent());
    }

    @Test
    void aRelayThatCallsEveryIdStaleIsRefused() throws Exception {
        ends.relay.instead(
                "POST /v1/requests",
                HostileRelay.problem(400, "stale_request_id"),
                HostileRelay.problem(400, "stale_request_id"));
        Outcome outcome = platform.ask(TwoEnds.deploy());
        assertInstanceOf(Outcome.Unreachable.class, outcome);
    }

    // --- copies that are put back ---

    /** The platform's folder is put back to where the request was open. */
    @Test
    void aRestoredPlatformDoesNotReadAnOldRequest() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.decide(card(sent), Decision.APPROVED);
        Members held = answerTo(sent);
        entry(sent).swallow();
        assertInstanceOf(Outcome.Expired.class, platform.await(sent));
        entry(sent).response(held);
        ends.journal.opened(sent.asked());
        var _ = ends.relay.takeReceived();
        try (Platform restored = ends.platform(credentials)) {
            Sent resumed = restored.resume(sent.requestId()).orElseThrow();
            assertInstanceOf(Outcome.Expired.class, restored.await(resumed));
        }
        assertEquals(List.of(), ends.relay.received());
    }

    /** What the journal does not have is not taken up. */
    @Test
    void anEarlierPlatformDoesNotTakeUpWhatItHasNotStored() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.journal.closed(sent.requestId());
        assertEquals(Optional.empty(), platform.resume(sent.requestId()));
    }

    /** The phone is put back to before its denial; the relay has the denial, and takes no second answer. */
    @Test
    void aRestoredPhoneCannotChangeAnAnswerThatTheRelayHas() throws Exception {
        Sent sent = ask("Deploy 2.1");
        Inbox.Card card = card(sent);
        Optional<DeviceState> copy = ends.phoneStore.read();
        ends.decide(card, Decision.DENIED);
        ends.phoneStore.change(_ -> new DeviceStore.Change<>(copy, true));
        assertEquals(new Device.TooLate("already_responded"), ends.decide(card, Decision.APPROVED));
        assertEquals(
                Decision.DENIED,
                assertInstanceOf(Outcome.Decided.class, platform.await(sent))
                        .answer()
                        .decision());
    }

    /** The same with the phone's file itself, as a backup would put it back. */
    @Test
    void aRestoredFileOfThePhoneCannotChangeAnAnswerThatTheRelayHas(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("device.json");
        DeviceStore store = DeviceStore.inFile(new JsonFile(file));
        store.change(_ -> new DeviceStore.Change<>(ends.phoneStore.read(), true));
        Sent sent = ask("Deploy 2.1");
        try (Device phone = new Device(ends.relay.url(), store, ends.phoneEnvironment)) {
            Inbox.Card card = phone.list().cards().getFirst();
            byte[] backup = Files.readAllBytes(file);
            long now = ends.phoneEnvironment.now();
            assertInstanceOf(Device.Sent.class, phone.decide(card, Answer.of(Decision.DENIED, now)));
            Files.write(file, backup);
            assertEquals(
                    new Device.TooLate("already_responded"), phone.decide(card, Answer.of(Decision.APPROVED, now)));
        }
        assertFalse(
                assertInstanceOf(Outcome.Decided.class, platform.await(sent)).isConsent());
    }

    /** The same with a relay that swallows the denial: the platform that has read it is done. */
    @Test
    void aRestoredPhoneCannotChangeAnAnswerThatThePlatformHas() throws Exception {
        Sent sent = ask("Deploy 2.1");
        Inbox.Card card = card(sent);
        Optional<DeviceState> copy = ends.phoneStore.read();
        ends.decide(card, Decision.DENIED);
        assertInstanceOf(Outcome.Decided.class, platform.await(sent));
        ends.phoneStore.change(_ -> new DeviceStore.Change<>(copy, true));
        entry(sent).swallow();
        assertInstanceOf(Device.Sent.class, ends.decide(card, Decision.APPROVED));
        assertEquals(Optional.empty(), platform.resume(sent.requestId()), "nobody waits for it any more");
    }

    /** The phone is put back to before the pairing. */
    @Test
    void aRestoredPhoneWithoutThePairingShowsNothing() throws Exception {
        Sent sent = ask("Deploy 2.1");
        ends.phoneStore.change(state -> new DeviceStore.Change<>(
                state.map(now -> now.without(credentials.pairing().pairId())), true));
        assertEquals(
                List.of(new Inbox.Unreadable(sent.requestId(), Reason.WRONG_PAIRING)),
                ends.phone.list().unreadable().stream()
                        .filter(each -> each.requestId().equals(sent.requestId()))
                        .toList());
    }

    @Test
    void aStoreOfAnotherRelayIsNotUsed() throws Exception {
        try (TwoEnds others = new TwoEnds();
                Device wrong = new Device(others.relay.url(), ends.phoneStore, others.phoneEnvironment)) {
            org.junit.jupiter.api.Assertions.assertThrows(IllegalStateException.class, wrong::list);
            assertEquals(List.of(), others.relay.received(), "the token stays here");
        }
    }
}
