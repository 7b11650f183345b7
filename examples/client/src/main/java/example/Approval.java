package example;

import dev.harp.client.Ask;
import dev.harp.client.Device;
import dev.harp.client.DeviceStore;
import dev.harp.client.Environment;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Both ends in one program: pairs, asks, and approves. The argument is the relay's address. */
public final class Approval {
    private Approval() {}

    public static void main(String[] arguments) throws Exception {
        String relay = arguments[0];
        Environment environment = Environment.system();
        try (Device phone = new Device(relay, DeviceStore.inMemory(), environment)) {
            PlatformCredentials credentials = pair(relay, phone, environment);
            System.out.println("paired " + credentials.pairing().pairId());
            try (Platform platform = new Platform(credentials, RequestJournal.inMemory(), environment)) {
                CompletableFuture<Outcome> outcome =
                        platform.askAsync(Ask.authorize("Deploy 2.1", Duration.ofMinutes(5)));
                approve(phone);
                if (outcome.get() instanceof Outcome.Decided decided) {
                    System.out.println(decided.answer().decision().code());
                } else {
                    System.out.println("no decision: " + outcome.get());
                    System.exit(1);
                }
                platform.revoke();
            }
        }
    }

    /** The link goes to the phone past the relay, and the digits come back past it. */
    private static PlatformCredentials pair(String relay, Device phone, Environment environment)
            throws RelayException, InterruptedException {
        var settings = PairingSession.Settings.of(relay, "example", "this machine");
        try (PairingSession session = PairingSession.open(settings, environment)) {
            var begun = (Device.Begun) phone.join(
                    session.link().format(), PairingLink.Http.LOOPBACK_ONLY, "A phone", Optional.empty(), List.of());
            session.awaitDevice();
            Joining joining = begun.joining();
            var greeted = (Joining.Greeted) joining.awaitHello();
            session.check(greeted.handshake().checkCode());
            joining.confirm();
            return ((PairingSession.Paired) session.complete()).credentials();
        }
    }

    private static void approve(Device phone) throws RelayException, InterruptedException {
        for (var card : phone.list(Optional.empty(), Duration.ofSeconds(30)).cards()) {
            System.out.println("asked: " + card.question().requestId());
            phone.decide(card, Answer.of(Decision.APPROVED, System.currentTimeMillis() / 1000));
        }
    }
}
