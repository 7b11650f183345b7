package dev.harp.relay.client;

import dev.harp.relay.client.RelayHttp.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Predicate;

/** Polls again and again until there is something to say or patience ends. */
final class LongPoll {
    private static final Duration BREATH = Duration.ofSeconds(1);

    private LongPoll() {}

    /**
     * The first answer that is {@code done}, or else the last one before {@code patience} ended. Zero patience is one
     * look.
     */
    static Answer until(Predicate<Answer> done, RelayHttp relay, String path, String token, Duration patience)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            Duration left = left(end);
            Answer answer = relay.poll(path, token, left);
            Duration stillLeft = left(end);
            if (answer.status() != 200 || done.test(answer) || stillLeft.isZero()) {
                return answer;
            }
            if (left.minus(stillLeft).compareTo(BREATH) < 0) {
                // Sent home early: a newer poll took our place. Coming straight back would push that one out, and so
                // on.
                relay.retry().sleeper().sleep(stillLeft.compareTo(BREATH) < 0 ? stillLeft : BREATH);
            }
        }
    }

    private static Duration left(long end) {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }
}
