package dev.harp.relay.protocol;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResultTest {
    @Test
    void thenContinuesWithTheValue() {
        assertThat(Result.ok(2).then(value -> Result.ok(value * 21)), is(Result.ok(42)));
    }

    @Test
    void thenKeepsARefusal() {
        Result<Integer> refused = Result.refused(ErrorCode.NOT_PAIRED, "no");
        Result<String> next = refused.then(_ -> {
            throw new AssertionError("not asked");
        });
        assertThat(next, is(Result.refused(Refusal.of(ErrorCode.NOT_PAIRED, "no"))));
    }

    @Test
    void refusalMayHaveATime() {
        assertThat(Refusal.of(ErrorCode.RATE_LIMITED, "no").retryAfter(), is(Optional.empty()));
        assertThat(
                Refusal.of(ErrorCode.RATE_LIMITED, "no", Duration.ofSeconds(3)).retryAfter(),
                is(Optional.of(Duration.ofSeconds(3))));
    }
}
