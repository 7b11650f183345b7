package dev.harp.relay.store.redis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.testing.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** Concurrent callers share batches; each gets its own replies, and a refused command affects no other. */
@Timeout(300)
class CommandBatcherTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static CommandArguments echo(String text) {
        return new CommandArguments(Protocol.Command.ECHO).add(text);
    }

    private static Connection connect() {
        return new Connection(
                new HostAndPort("127.0.0.1", RedisServer.shared().port()),
                DefaultJedisClientConfig.builder().build());
    }

    private static String text(Object answer) {
        return new String((byte[]) answer, java.nio.charset.StandardCharsets.UTF_8);
    }

    /** A thousand callers at a time, and one thread. */
    @Test
    void everyCallerGetsItsOwnReplies() throws Exception {
        AtomicInteger batches = new AtomicInteger();
        try (CommandBatcher batcher = new CommandBatcher(1, TIMEOUT);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch begin = new CountDownLatch(1);
            List<Future<Boolean>> callers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                String name = "caller " + i;
                callers.add(threads.submit(() -> {
                    begin.await();
                    List<Object> replies = batcher.execute(
                            () -> {
                                batches.incrementAndGet();
                                return connect();
                            },
                            echo(name),
                            echo(name + " again"));
                    return text(replies.get(0)).equals(name)
                            && text(replies.get(1)).equals(name + " again");
                }));
            }
            begin.countDown();
            for (Future<Boolean> caller : callers) {
                assertThat(caller.get(), is(true));
            }
        }
        assertThat("callers share batches: " + batches, batches.get() < 1000, is(true));
    }

    /** An error is the reply to the command that caused it. */
    @Test
    void anErrorIsTheReplyOfItsOwnCommand() {
        try (CommandBatcher batcher = new CommandBatcher(1, TIMEOUT)) {
            List<Object> replies = batcher.execute(
                    CommandBatcherTest::connect,
                    echo("before"),
                    new CommandArguments(Protocol.Command.INCR).add("a").add("b"),
                    echo("after"));
            assertThat(text(replies.get(0)), is("before"));
            assertThat(replies.get(1) instanceof JedisDataException, is(true));
            assertThat(text(replies.get(2)), is("after"));
        }
    }

    @Test
    void aFailedConnectionFailsItsBatchOnly() {
        try (CommandBatcher batcher = new CommandBatcher(1, TIMEOUT)) {
            assertThrows(
                    JedisConnectionException.class,
                    () -> batcher.execute(
                            () -> {
                                throw new JedisConnectionException("refused");
                            },
                            echo("lost")));
            assertThat(
                    text(batcher.execute(CommandBatcherTest::connect, echo("here"))
                            .getFirst()),
                    is("here"));
        }
    }

    @Test
    void aCallTimesOut() {
        CountDownLatch hang = new CountDownLatch(1);
        try (CommandBatcher batcher = new CommandBatcher(1, Duration.ofMillis(50))) {
            assertThrows(
                    JedisConnectionException.class,
                    () -> batcher.execute(
                            () -> {
                                try {
                                    hang.await();
                                } catch (InterruptedException _) {
                                    Thread.currentThread().interrupt();
                                }
                                return connect();
                            },
                            echo("late")));
            hang.countDown();
        }
    }

    @Test
    void aClosedBatcherRefusesCalls() {
        CommandBatcher batcher = new CommandBatcher(2, TIMEOUT);
        batcher.close();
        assertThrows(JedisConnectionException.class, () -> batcher.execute(CommandBatcherTest::connect, echo("late")));
    }
}
