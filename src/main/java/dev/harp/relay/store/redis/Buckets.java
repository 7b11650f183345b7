package dev.harp.relay.store.redis;

import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.ClientSideConfig;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.AbstractCompareAndSwapBasedProxyManager;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.AsyncCompareAndSwapOperation;
import io.github.bucket4j.distributed.proxy.generic.compare_and_swap.CompareAndSwapOperation;
import io.github.bucket4j.distributed.remote.RemoteBucketState;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/**
 * How Bucket4j compares and sets its buckets through a {@link Link}: its own module for Jedis needs Jedis' general client, which this relay does not use.
 *
 * <p>It remembers each bucket as it last was, and compares and sets on that guess: one round trip instead of two while no other relay serves the same client. A wrong guess
 * is corrected by the answer. A guess that refuses is right without asking: others can only have taken more. It is good for as long as its key would live in Redis and
 * not for longer: a bucket of a time that is still to come, from a clock that has been set back, does not fill.
 */
final class Buckets extends AbstractCompareAndSwapBasedProxyManager<String> {
    private static final int REMEMBERED = 4096;

    private final Link link;
    private final ClientSideConfig config;
    private final boolean remember;
    private final LongSupplier nanoTime;
    private final Map<String, Guess> last = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Guess> eldest) {
            return size() > REMEMBERED;
        }
    });

    private static final class Guess {
        final byte[] state;
        final long since;
        final long life;

        Guess(byte[] state, long since, long life) {
            this.state = state;
            this.since = since;
            this.life = life;
        }
    }

    Buckets(Link link, ClientSideConfig config, boolean remember, LongSupplier nanoTime) {
        super(config);
        this.link = link;
        this.config = config;
        this.remember = remember;
        this.nanoTime = nanoTime;
    }

    @Override
    protected CompareAndSwapOperation beginCompareAndSwapOperation(String key) {
        return new CompareAndSwapOperation() {
            @Override
            public Optional<byte[]> getStateData(Optional<Long> timeout) {
                return guess(key).or(() -> stored(key));
            }

            @Override
            public boolean compareAndSwap(byte[] seen, byte[] next, RemoteBucketState state, Optional<Long> timeout) {
                return swapped(key, seen == null ? new byte[0] : seen, next, life(state));
            }
        };
    }

    private Optional<byte[]> guess(String key) {
        return Optional.ofNullable(last.get(key))
                .filter(guess -> nanoTime.getAsLong() - guess.since < guess.life * 1_000_000)
                .map(guess -> guess.state);
    }

    private Optional<byte[]> stored(String key) {
        CommandArguments read = new CommandArguments(Protocol.Command.GET).add(link.prefix() + key);
        return Optional.ofNullable((byte[]) link.ask(read).getFirst());
    }

    private boolean swapped(String key, byte[] seen, byte[] next, long life) {
        Optional<Object> other = link.run(
                Script.BUCKET,
                arguments -> arguments.add(key).add(seen).add(next).add(life));
        if (remember) {
            byte[] now = other.map(byte[].class::cast).orElse(next);
            if (now.length > 0) {
                last.put(key, new Guess(now, nanoTime.getAsLong(), life));
            } else {
                last.remove(key);
            }
        }
        return other.isEmpty();
    }

    private long life(RemoteBucketState state) {
        ExpirationAfterWriteStrategy strategy =
                config.getExpirationAfterWriteStrategy().orElseThrow();
        return Math.max(1, strategy.calculateTimeToLiveMillis(state, currentTimeNanos()));
    }

    @Override
    protected AsyncCompareAndSwapOperation beginAsyncCompareAndSwapOperation(String key) {
        throw new UnsupportedOperationException("calls are blocking here");
    }

    @Override
    protected CompletableFuture<Void> removeAsync(String key) {
        throw new UnsupportedOperationException("calls are blocking here");
    }

    @Override
    public void removeProxy(String key) {
        throw new UnsupportedOperationException("buckets end by themselves");
    }

    @Override
    public boolean isAsyncModeSupported() {
        return false;
    }

    @Override
    public boolean isExpireAfterWriteSupported() {
        return true;
    }
}
