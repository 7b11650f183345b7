package dev.harp.relay.push;

import dev.harp.relay.outbound.Post;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.testing.FakeClock;
import dev.harp.testing.LogCapture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Senders to Expo's push service over real sockets. */
abstract class ExpoRig {
    static final PushOutcome ACCEPTED = new PushOutcome.Accepted();
    static final String CANARY = "expo-access-token-canary";

    final FakeClock time = new FakeClock();
    final LogCapture log = LogCapture.of("dev.harp.relay.push");
    final List<String> dead = new CopyOnWriteArrayList<>();
    final List<ExpoSender> senders = new ArrayList<>();
    ExpoDouble expo;

    @BeforeEach
    void start() throws IOException {
        expo = new ExpoDouble();
    }

    @AfterEach
    void stop() {
        expo.close();
        senders.forEach(ExpoSender::close);
        log.close();
    }

    /** The limit is not what these tests are about: a busy machine may take its time. */
    ExpoSender sender() {
        return sender(post(Duration.ofMinutes(1)), Optional.of(CANARY));
    }

    Post post(Duration limit) {
        TargetUrl url = ((TargetUrl.Good) TargetUrl.parse(expo.url())).url();
        return ExpoSender.post(url, _ -> List.of(), Post::publicTrust, limit);
    }

    ExpoSender sender(Post post, Optional<String> accessToken) {
        ExpoSender sender = new ExpoSender(
                expo.url(),
                accessToken,
                post,
                time,
                time,
                time::after,
                (device, token) -> dead.add(device + " " + token));
        senders.add(sender);
        return sender;
    }

    /**
     * With a limit that a test can wait for, and in which the request has gone out whatever pauses the machine makes.
     */
    ExpoSender impatient() {
        return sender(post(Duration.ofSeconds(4)), Optional.empty());
    }

    static CompletableFuture<PushOutcome> offered(ExpoSender sender, int number) {
        return Wakes.offered(sender, Wakes.wake(number, Wakes.token(number)));
    }

    static PushOutcome.NotNow notNow(String why) {
        return new PushOutcome.NotNow(why, Optional.empty());
    }
}
