package dev.harp.relay;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A test that starts relays, and leaves them well. */
@Timeout(300)
abstract class WithRelay {
    private final List<TestRelay> relays = new ArrayList<>();

    final TestRelay start(String... options) {
        return kept(TestRelay.start(options));
    }

    final TestRelay frozen(String... options) {
        return kept(TestRelay.frozen(options));
    }

    private TestRelay kept(TestRelay relay) {
        relays.add(relay);
        return relay;
    }

    /** Alive, no long poll and no connection left, no answer 500, no error in the log. */
    @AfterEach
    void leavesNoDamage() {
        try {
            relays.forEach(TestRelay::assertWell);
        } finally {
            relays.forEach(TestRelay::close);
        }
    }
}
