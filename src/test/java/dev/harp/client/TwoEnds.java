package dev.harp.client;

import dev.harp.message.Answer;
import dev.harp.message.Decision;
import dev.harp.message.PairingLink;
import dev.harp.message.Passkey;
import dev.harp.testing.FakeClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A hostile relay, and both ends of a pairing at it, each with a clock of its own. A pause takes no time but theirs.
 */
final class TwoEnds implements AutoCloseable {
    static final Duration TTL = Duration.ofSeconds(300);

    final HostileRelay relay = new HostileRelay();
    final FakeClock agentClock = new FakeClock(Instant.parse("2026-11-29T12:00:00Z"));
    final FakeClock phoneClock = new FakeClock(Instant.parse("2026-11-29T12:00:00Z"));
    final List<Duration> agentPauses = Collections.synchronizedList(new ArrayList<>());
    final List<Duration> phonePauses = Collections.synchronizedList(new ArrayList<>());
    final Environment agentEnvironment = environment(agentClock, agentPauses);
    final Environment phoneEnvironment = environment(phoneClock, phonePauses);
    final DeviceStore phoneStore = DeviceStore.inMemory();
    final RequestJournal journal = RequestJournal.inMemory();
    final Device phone = new Device(relay.url(), phoneStore, phoneEnvironment);

    private static Environment environment(FakeClock clock, List<Duration> pauses) {
        return new Environment(
                clock,
                clock,
                pause -> {
                    pauses.add(pause);
                    clock.advance(pause);
                },
                new SecureRandom());
    }

    /** Both clocks go on. */
    void pass(Duration time) {
        agentClock.advance(time);
        phoneClock.advance(time);
    }

    PairingSession open() throws RelayException, InterruptedException {
        return PairingSession.open(PairingSession.Settings.of(relay.url(), "deploy-bot", "build-7"), agentEnvironment);
    }

    Device.JoinResult join(PairingLink link) throws RelayException, InterruptedException {
        return join(link.format());
    }

    Device.JoinResult join(String link) throws RelayException, InterruptedException {
        return phone.join(link, PairingLink.Http.LOOPBACK_ONLY, "Ann's phone", Optional.empty(), List.of());
    }

    /** A whole pairing. */
    PlatformCredentials pair() throws RelayException, InterruptedException {
        return pair(Optional.empty(), List.of());
    }

    /** A whole pairing with a phone that has passkeys. */
    PlatformCredentials pair(Optional<String> origin, List<Passkey> passkeys)
            throws RelayException, InterruptedException {
        try (PairingSession session = open()) {
            Device.JoinResult result = phone.join(
                    session.link().format(), PairingLink.Http.LOOPBACK_ONLY, "Ann's phone", origin, passkeys);
            Joining joining = ((Device.Begun) result).joining();
            var _ = (PairingSession.Joined) session.awaitDevice();
            var greeted = (Joining.Greeted) joining.awaitHello();
            if (session.check(greeted.handshake().checkCode()) != PairingSession.Check.RIGHT
                    || joining.confirm() != Joining.Confirmation.PAIRED) {
                throw new AssertionError("not paired");
            }
            return ((PairingSession.Paired) session.complete()).credentials();
        }
    }

    Platform platform(PlatformCredentials credentials) {
        return new Platform(credentials, journal, agentEnvironment);
    }

    static Ask deploy() {
        return Ask.authorize("Deploy 2.1", TTL);
    }

    /** Sends, which has to succeed. */
    static Platform.Sent sent(Platform platform, Ask ask) throws InterruptedException {
        return ((Platform.Accepted) platform.submit(ask)).sent();
    }

    /** The one open card. */
    Inbox.Card card() throws RelayException, InterruptedException {
        List<Inbox.Card> cards = phone.list().cards();
        if (cards.size() != 1) {
            throw new AssertionError("cards: " + cards.size());
        }
        return cards.getFirst();
    }

    Device.DecideResult decide(Inbox.Card card, Decision decision) throws RelayException, InterruptedException {
        return phone.decide(card, Answer.of(decision, phoneEnvironment.now()));
    }

    @Override
    public void close() {
        phone.close();
        relay.close();
    }
}
