package dev.harp.relay.client;

import dev.harp.relay.client.RelayHttp.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * When to send a call again, and after which pause. Every call to the relay may be sent again unchanged: most find done
 * what the first one did, and a second pairing or device that nobody uses is forgotten soon. So a lost connection is no
 * reason to give up, nor is a relay that is full, busy or restarting.
 *
 * @param attempts how often a call is sent in all, at least 1
 * @param sleeper how to pause; a test gives one that does not
 */
public record RetryPolicy(int attempts, Sleeper sleeper) {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** Pauses the calling thread. */
    @FunctionalInterface
    public interface Sleeper {
        void sleep(Duration pause) throws InterruptedException;
    }

    /** One exchange with the relay. */
    @FunctionalInterface
    interface Sending {
        Answer send() throws IOException, InterruptedException;
    }

    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts");
        }
    }

    public static RetryPolicy standard() {
        return new RetryPolicy(6, Thread::sleep);
    }

    /** For whoever wants to see each answer as it comes. */
    public static RetryPolicy never() {
        return new RetryPolicy(1, Thread::sleep);
    }

    /**
     * Sends until there is an answer worth having. After the last attempt, the last answer or failure is the caller's.
     */
    Answer run(Sending sending) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            Duration pause;
            try {
                Answer answer = sending.send();
                if (attempt >= attempts || !retryable(answer)) {
                    return answer;
                }
                pause = answer.retryAfter().orElse(pauseAfter(attempt));
                if (pause.compareTo(LONGEST_PAUSE) > 0) {
                    return answer;
                }
            } catch (IOException e) {
                if (attempt >= attempts) {
                    throw e;
                }
                pause = pauseAfter(attempt);
            }
            sleeper.sleep(pause);
        }
    }

    /** 408, 429 and 503 are the relay's; 502 and 504 come from a proxy whose relay is just restarting. */
    private static boolean retryable(Answer answer) {
        return switch (answer.status()) {
            case 408, 429, 502, 503, 504 -> true;
            default -> false;
        };
    }

    /** 1 s, doubling up to 60 s, each with up to a quarter off, so that a thousand clients do not come back at once. */
    private static Duration pauseAfter(int attempt) {
        Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempt - 1, 6));
        long millis = Math.min(pause.toMillis(), LONGEST_PAUSE.toMillis());
        return Duration.ofMillis(millis - ThreadLocalRandom.current().nextLong(millis / 4));
    }
}
