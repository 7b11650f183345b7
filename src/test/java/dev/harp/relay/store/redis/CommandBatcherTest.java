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

/** Many callers, few trips: each gets its own answers, and one that fails takes none along that could have been spared. */
@Timeout(30)
class CommandBatcherTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

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

    /** A thousand callers at a time, and one connection. */
    @Test
    void everyoneGetsTheirOwnAnswers() throws Exception {
        AtomicInteger trips = new AtomicInteger();
        try (CommandBatcher batcher = new CommandBatcher(1, PATIENCE);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch begin = new CountDownLatch(1);
            List<Future<Boolean>> callers = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                String name = "caller " + i;
                callers.add(threads.submit(() -> {
                    begin.await();
                    List<Object> answers = batcher.execute(
                            () -> {
                                trips.incrementAndGet();
                                return connect();
                            },
                            echo(name),
                            echo(name + " again"));
                    return text(answers.get(0)).equals(name)
                            && text(answers.get(1)).equals(name + " again");
                }));
            }
            begin.countDown();
            for (Future<Boolean> caller : callers) {
                assertThat(caller.get(), is(true));
            }
        }
        assertThat("they went together: " + trips, trips.get() < 1000, is(true));
    }

    /** What Redis refuses is the answer of the one who asked for it. */
    @Test
    void aRefusalIsNobodyElses() {
        try (CommandBatcher batcher = new CommandBatcher(1, PATIENCE)) {
            List<Object> answers = batcher.execute(
                    CommandBatcherTest::connect,
                    echo("before"),
                    new CommandArguments(Protocol.Command.INCR).add("a").add("b"),
                    echo("after"));
            assertThat(text(answers.get(0)), is("before"));
            assertThat(answers.get(1) instanceof JedisDataException, is(true));
            assertThat(text(answers.get(2)), is("after"));
        }
    }

    @Test
    void aLostConnectionIsToldAndTheNextTripGoes() {
        try (CommandBatcher batcher = new CommandBatcher(1, PATIENCE)) {
            assertThrows(
                    JedisConnectionException.class,
                    () -> batcher.execute(
                            () -> {
                                throw new JedisConnectionException("there is none");
                            },
                            echo("lost")));
            assertThat(
                    text(batcher.execute(CommandBatcherTest::connect, echo("here"))
                            .getFirst()),
                    is("here"));
        }
    }

    @Test
    void nobodyWaitsForEver() {
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
    void afterTheEndNothingIsBrought() {
        CommandBatcher batcher = new CommandBatcher(2, PATIENCE);
        batcher.close();
        assertThrows(JedisConnectionException.class, () -> batcher.execute(CommandBatcherTest::connect, echo("late")));
    }
}
