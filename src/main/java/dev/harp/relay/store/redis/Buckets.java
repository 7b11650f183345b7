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
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/**
 * How Bucket4j compares and sets its buckets through a {@link Link}: its own module for Jedis needs Jedis' general client, which this relay does not use.
 *
 * <p>It remembers each bucket as it last was, and compares and sets on that guess: one round trip instead of two while no other relay serves the same client. A wrong guess
 * is corrected by the answer. A guess that refuses is right without asking: others can only have taken more.
 */
final class Buckets extends AbstractCompareAndSwapBasedProxyManager<String> {
    private static final int REMEMBERED = 4096;

    private final Link link;
    private final ClientSideConfig config;
    private final boolean remember;
    private final Map<String, byte[]> last = Collections.synchronizedMap(new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
            return size() > REMEMBERED;
        }
    });

    Buckets(Link link, ClientSideConfig config, boolean remember) {
        super(config);
        this.link = link;
        this.config = config;
        this.remember = remember;
    }

    @Override
    protected CompareAndSwapOperation beginCompareAndSwapOperation(String key) {
        return new CompareAndSwapOperation() {
            @Override
            public Optional<byte[]> getStateData(Optional<Long> timeout) {
                return Optional.ofNullable(last.get(key)).or(() -> stored(key));
            }

            @Override
            public boolean compareAndSwap(byte[] seen, byte[] next, RemoteBucketState state, Optional<Long> timeout) {
                return swapped(key, seen == null ? new byte[0] : seen, next, life(state));
            }
        };
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
                last.put(key, now);
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
