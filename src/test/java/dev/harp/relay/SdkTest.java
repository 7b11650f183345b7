package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.client.About;
import dev.harp.client.Ask;
import dev.harp.client.Device;
import dev.harp.client.DeviceStore;
import dev.harp.client.Environment;
import dev.harp.client.Inbox;
import dev.harp.client.Joining;
import dev.harp.client.Outcome;
import dev.harp.client.PairingSession;
import dev.harp.client.Platform;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RelayException;
import dev.harp.client.RequestJournal;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import dev.harp.message.PairingLink;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Both ends of the SDK at a real relay, each waiting for the other. */
class SdkTest extends WithRelay {
    private static final Duration TTL = Duration.ofMinutes(5);

    private final DeviceStore phone = DeviceStore.inMemory();

    private static Environment environment(TestRelay relay) {
        return new Environment(relay::now, System::nanoTime, Thread::sleep, new SecureRandom());
    }

    private static String url(TestRelay relay) {
        return "http://127.0.0.1:" + relay.port();
    }

    /** The platform waits before the phone has come, and the phone before it is greeted. */
    private PlatformCredentials pair(TestRelay relay, Device device) throws Exception {
        try (PairingSession session =
                PairingSession.open(PairingSession.Settings.of(url(relay), "deploy-bot", "host"), environment(relay))) {
            CompletableFuture<PairingSession.Arrival> arrival = later(session::awaitDevice);
            Device.JoinResult result = device.join(
                    session.link().format(), PairingLink.Http.LOOPBACK_ONLY, "phone", Optional.empty(), List.of());
            Joining joining = ((Device.Begun) result).joining();
            var greeted = (Joining.Greeted) joining.awaitHello();
            assertThat(arrival.get(), instanceOf(PairingSession.Joined.class));
            assertThat(session.check(greeted.handshake().checkCode()), is(PairingSession.Check.RIGHT));
            CompletableFuture<PairingSession.Completion> completion = later(session::complete);
            assertThat(joining.confirm(), is(Joining.Confirmation.PAIRED));
            return ((PairingSession.Paired) completion.get()).credentials();
        }
    }

    private interface Steps<T> {
        T run() throws Exception;
    }

    private static <T> CompletableFuture<T> later(Steps<T> steps) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                future.complete(steps.run());
            } catch (Exception e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    @Test
    void aWholeApprovalByPollAndByStream() throws Exception {
        TestRelay relay = start();
        try (Device device = new Device(url(relay), phone, environment(relay))) {
            PlatformCredentials credentials = pair(relay, device);
            try (Platform platform = new Platform(credentials, RequestJournal.inMemory(), environment(relay))) {
                String cursor = device.list().cursor();
                CompletableFuture<Inbox> polled = later(() -> device.list(Optional.of(cursor), TTL));
                CompletableFuture<Outcome> outcome = platform.askAsync(Ask.authorize("Deploy", TTL));
                assertThat(decide(relay, device, polled.get(), Decision.DENIED), instanceOf(Device.Sent.class));
                assertThat(((Outcome.Decided) outcome.get()).isConsent(), is(false));

                BlockingQueue<Inbox> streamed = new LinkedBlockingQueue<>();
                Thread stream = Thread.ofVirtual().start(() -> follow(device, streamed));
                assertThat(next(streamed).reset(), is(true));
                CompletableFuture<Outcome> second = platform.askAsync(Ask.authorize("Deploy", TTL));
                assertThat(decide(relay, device, next(streamed), Decision.APPROVED), instanceOf(Device.Sent.class));
                assertThat(((Outcome.Decided) second.get()).isConsent(), is(true));

                Platform.Submission submission = platform.submit(Ask.authorize("Deploy", TTL));
                Platform.Sent third = ((Platform.Accepted) submission).sent();
                Inbox.Card card = next(streamed).cards().getFirst();
                assertThat(platform.withdraw(third), instanceOf(Outcome.Withdrawn.class));
                assertThat(next(streamed).withdrawn(), is(List.of(card.requestId())));
                stream.interrupt();
                stream.join();
            }
        }
    }

    private static void follow(Device device, BlockingQueue<Inbox> into) {
        try {
            device.stream(into::add);
        } catch (RelayException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            // Its end.
        }
    }

    private static Inbox next(BlockingQueue<Inbox> streamed) throws InterruptedException {
        return Optional.ofNullable(streamed.poll(60, TimeUnit.SECONDS)).orElseThrow();
    }

    private static Device.DecideResult decide(TestRelay relay, Device device, Inbox inbox, Decision decision)
            throws Exception {
        long now = relay.now().getEpochSecond();
        return device.decide(inbox.cards().getFirst(), Answer.of(decision, now));
    }

    @Test
    void eachSideIsToldThatTheOtherHasEndedThePairing() throws Exception {
        TestRelay relay = start();
        try (Device device = new Device(url(relay), phone, environment(relay))) {
            PlatformCredentials credentials = pair(relay, device);
            try (Platform platform = new Platform(credentials, RequestJournal.inMemory(), environment(relay))) {
                CompletableFuture<Outcome> outcome = platform.askAsync(Ask.authorize("Deploy", TTL));
                device.list(Optional.of(device.list().cursor()), Duration.ofSeconds(1));
                device.leave(credentials.pairing().pairId());
                assertThat(outcome.get(), instanceOf(Outcome.PairingEnded.class));
                assertThat(platform.ask(Ask.authorize("Deploy", TTL)), instanceOf(Outcome.PairingEnded.class));
                platform.revoke();
            }
            device.remove();
            assertThrows(RelayException.class, device::list);
        }
    }

    /** A platform whose clock is wrong by more than the replay window asks all the same. */
    @Test
    void aWrongClockIsCorrectedInTheId() throws Exception {
        TestRelay relay = start();
        try (Device device = new Device(url(relay), phone, environment(relay))) {
            PlatformCredentials credentials = pair(relay, device);
            Environment wrong = new Environment(
                    () -> relay.now().plusSeconds(1_000), System::nanoTime, Thread::sleep, new SecureRandom());
            assertThat(
                    About.of(url(relay), wrong).time().getEpochSecond(),
                    is(relay.now().getEpochSecond()));
            try (Platform platform = new Platform(credentials, RequestJournal.inMemory(), wrong)) {
                assertThat(platform.submit(Ask.authorize("Deploy", TTL)), instanceOf(Platform.Accepted.class));
                assertThat(
                        device.list().cards().getFirst().notNow().orElseThrow().code(), is("issued_in_future"));
            }
        }
    }
}
