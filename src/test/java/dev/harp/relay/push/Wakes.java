package dev.harp.relay.push;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.testing.FakeClock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Wake-ups for tests, and what became of one. */
final class Wakes {
    static final Duration AN_HOUR = Duration.ofHours(1);

    private Wakes() {}

    static RequestKey key(int number) {
        return new RequestKey(
                new PairId("pair_%012x".formatted(number)),
                new RequestId(new UUID(0x0190_0000_0000_7000L, 0x8000_0000_0000_0000L + number)));
    }

    static DeviceId device(int number) {
        return new DeviceId("dev_%012x".formatted(number));
    }

    static String token(int number) {
        return "ExponentPushToken[%022d]".formatted(number);
    }

    static PushNotification wake(int number, String token) {
        return new PushNotification(key(number), device(number), token, FakeClock.START.plus(AN_HOUR));
    }

    /** Offers it, and tells later what was told. */
    static CompletableFuture<PushOutcome> offered(PushSender sender, PushNotification wake) {
        CompletableFuture<PushOutcome> told = new CompletableFuture<>();
        if (!sender.offer(wake, told::complete)) {
            throw new AssertionError("not taken");
        }
        return told;
    }

    static PushOutcome outcome(CompletableFuture<PushOutcome> told) throws Exception {
        return told.get(60, TimeUnit.SECONDS);
    }
}
