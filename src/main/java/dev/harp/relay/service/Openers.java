package dev.harp.relay.service;

import dev.harp.relay.net.Network;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.StoreUnavailable;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Names the networks of clients: see {@link Opener}. All relays on a store give the same names. */
public final class Openers {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int NAME_BYTES = 8;

    /** Clients that are remembered. */
    private static final int RECENT = 4096;

    /** Asking prolongs the key's life in Redis, and a store that has lost the key gets it again. */
    private static final long ASK_AGAIN = Duration.ofHours(1).toNanos();

    private final RelayStore store;
    private final List<Network> withoutShare;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private volatile Optional<Known> known = Optional.empty();

    /** The key as it was stored at a time, and the recent clients under it: each waiting call asks. */
    private record Known(String key, long at, Map<InetAddress, Opener> recent) {}

    /**
     * Asks the store for nothing yet.
     *
     * @param withoutShare the networks whose clients have no share ({@code SHARE_ALLOW})
     * @param random cryptographically strong, except in tests
     * @param nanoTime a monotonic clock in nanoseconds
     */
    public Openers(RelayStore store, List<Network> withoutShare, RandomGenerator random, LongSupplier nanoTime) {
        this.store = store;
        this.withoutShare = List.copyOf(withoutShare);
        this.random = random;
        this.nanoTime = nanoTime;
    }

    /**
     * The opener that a client is; {@link Opener#NONE} for a client without share.
     *
     * @throws StoreUnavailable if the key is not known yet and the store cannot be reached
     */
    public Opener of(InetAddress client) {
        if (withoutShare.stream().anyMatch(network -> network.contains(client))) {
            return Opener.NONE;
        }
        Known last = known();
        if (last.recent().size() >= RECENT) {
            last.recent().clear();
        }
        return last.recent().computeIfAbsent(client, address -> named(last.key(), address));
    }

    private Known known() {
        long now = nanoTime.getAsLong();
        Optional<Known> last = known;
        if (last.isPresent() && now - last.get().at() < ASK_AGAIN) {
            return last.get();
        }
        try {
            String key = store.secret(StoreSecret.OPENERS, last.map(Known::key).orElseGet(this::proposed));
            Known asked = new Known(key, now, new ConcurrentHashMap<>());
            known = Optional.of(asked);
            return asked;
        } catch (StoreUnavailable e) {
            return last.orElseThrow(() -> e);
        }
    }

    private String proposed() {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(key);
    }

    private static Opener named(String key, InetAddress client) {
        IntStream prefixes = client instanceof Inet6Address ? IntStream.of(64, 56, 48) : IntStream.of(32);
        return new Opener(prefixes.mapToObj(prefix -> name(key, client, prefix)).toList());
    }

    private static String name(String key, InetAddress client, int prefix) {
        String kind = client instanceof Inet6Address ? "" + prefix : "4";
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            mac.update(kind.getBytes(StandardCharsets.UTF_8));
            return kind + "-" + HexFormat.of().formatHex(mac.doFinal(Network.head(client, prefix)), 0, NAME_BYTES);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java platform has HmacSHA256", e);
        }
    }
}
