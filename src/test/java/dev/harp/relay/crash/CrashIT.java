package dev.harp.relay.crash;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Kills what keeps the clients' things, in the middle of their work, again and again; then asks for everything that the
 * clients were told. Nothing may be missing, and nothing final may be otherwise.
 */
@Isolated("loads the machine")
@Timeout(600)
class CrashIT {
    @TempDir
    Path folder;

    private RelayNode relay(String store) throws IOException, InterruptedException {
        return new RelayNode(Map.of("STORE", store)).start().awaitReady();
    }

    private RedisServer redis() throws IOException, InterruptedException {
        return RedisServer.startDurable();
    }

    /** The clients and their ledger are right about a relay that nothing happens to. */
    @Test
    @Tag("long")
    void nothingIsMissingWithoutAKill() throws Exception {
        try (RelayNode relay = relay("memory");
                CrashRun run = new CrashRun("memory, not killed at all", relay.uri())) {
            run.losesNothing(() -> {});
        }
    }

    /** And they notice when one forgets. */
    @Test
    @Tag("long")
    void aRelayThatForgetsIsFoundOut() throws Exception {
        try (RelayNode relay = relay("memory");
                CrashRun run = new CrashRun("memory, which forgets", relay.uri())) {
            Load load = run.load();
            run.awaitProgress(load);
            relay.kill();
            relay.start().awaitReady();
            load.finish();
            Findings findings = run.findings("kills 1");
            assertThat(findings.missing(), is(not(empty())));
            assertThat(load.failures(), is(not(empty())));
        }
    }

    @Test
    void fileKeepsWhatItAcknowledged() throws Exception {
        try (RelayNode relay = relay("file:" + folder.resolve("data"));
                CrashRun run = new CrashRun("file", relay.uri())) {
            run.losesNothing(() -> {
                relay.kill();
                relay.start().awaitReady();
            });
        }
    }

    @Test
    void redisKeepsWhatItsRelayAcknowledged() throws Exception {
        try (RedisServer redis = redis();
                RelayNode relay = relay(redis.url());
                CrashRun run = new CrashRun("redis", relay.uri())) {
            run.losesNothing(() -> {
                relay.kill();
                relay.start().awaitReady();
            });
        }
    }

    /** The relay stays up, and goes on by itself. */
    @Test
    @Tag("long")
    void redisKeepsWhatItAcknowledgedItself() throws Exception {
        try (RedisServer redis = redis();
                RelayNode relay = relay(redis.url());
                CrashRun run = new CrashRun("redis itself", relay.uri())) {
            run.losesNothing(() -> {
                redis.kill();
                redis.restart();
                relay.awaitReady();
            });
        }
    }
}
