package dev.harp.relay.store;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the relay keeps its records. This is the contract of every store; {@code RelayStoreContract} tests it.
 *
 * <ul>
 *   <li>A read returns a record as it was last stored. The effects of time since then are computed by
 *       {@link dev.harp.relay.protocol.Transitions}.
 *   <li>A write of a record goes through one of three methods. Each passes the stored record to a rule and stores what
 *       the rule makes of it, in one atomic step. A store may call a rule more than once, so a rule has no side
 *       effects. A store decides nothing.
 *   <li>When a change returns, it is stored, and every later read sees it.
 *   <li>A change that would exceed the {@link Capacity}, or a share of it, changes nothing and returns
 *       {@link StoreResult.Full}. A record may always shrink. A record without opener counts for nobody's share.
 *   <li>With the same change, a store updates what it derives from the records: the indexes of tokens and ids, the two
 *       kinds of lists, the due times, the sums, and the accounts. With a pairing it removes the pairing's requests.
 *   <li>Every method but {@link #reachable} and {@link #close} may throw {@link StoreUnavailable}, after a bounded
 *       time.
 *   <li>All methods may be called by any number of threads at once.
 * </ul>
 */
public interface RelayStore extends AutoCloseable {

    /**
     * Decides what becomes of a request.
     *
     * @param <R> the rule's result
     */
    @FunctionalInterface
    interface RequestRule<R> {
        /**
         * The change to store.
         *
         * @param pairing the request's pairing, read in the same step
         * @param request the request, if it is stored
         * @param open how many requests of the pairing are stored as open
         */
        Change<Request, R> apply(Pairing pairing, Optional<Request> request, int open);
    }

    Optional<Pairing> pairing(PairId id);

    /** The pairing whose platform token has that digest. */
    Optional<Pairing> pairingByToken(Sha256 token);

    Optional<Device> device(DeviceId id);

    /** The device whose token has that digest. */
    Optional<Device> deviceByToken(Sha256 token);

    Optional<Request> request(RequestKey key);

    /** The device's request with that id. If several of its pairings have one, the one that was submitted first. */
    Optional<RequestKey> requestOf(DeviceId device, RequestId id);

    /** The requests of a pairing that are stored as open, in no particular order. */
    List<RequestKey> openRequests(PairId pair);

    /** The stored pairings that the device has joined, in no particular order. */
    List<PairId> pairingsOf(DeviceId device);

    /**
     * A page of the device's list: its open and its cancelled requests.
     *
     * @param after the device's cursor; empty for the open requests only
     * @param limit the most entries, at least 1
     * @param maxText the most characters of ciphertext; a single entry may have more
     */
    Page inbox(DeviceId device, Optional<Cursor> after, int limit, long maxText);

    /**
     * A page of the pairing's history: each stored request, at its latest
     * {@link dev.harp.relay.protocol.PlatformView#changed change} that the platform sees.
     *
     * @param after the platform's cursor; empty for all
     * @param limit the most entries, at least 1
     * @param maxText the most characters of the responses' ciphertext; a single entry may have more
     */
    Page history(PairId pair, Optional<Cursor> after, int limit, long maxText);

    /**
     * Up to {@code limit} records for which something is due by {@code time}, the earliest first. The caller processes
     * them. A store that several relays share leases each record to the caller for a few seconds, so that one relay
     * processes it, and another one takes over if that relay dies.
     */
    List<DueRecord> due(Instant time, int limit);

    /** The earliest time for which {@link #due} has a record, if any. */
    Optional<Instant> nextDue();

    /** Adds, changes or removes the pairing. */
    <R> StoreResult<R> changePairing(PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule);

    /** Adds, changes or removes the device. */
    <R> StoreResult<R> changeDevice(DeviceId id, Function<Optional<Device>, Change<Device, R>> rule);

    /**
     * Adds, changes or removes the request.
     *
     * @return empty if its pairing is not stored; the rule was not called then
     */
    <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule);

    /**
     * A secret of the relays on this store, as text: the stored one. If there is none, the proposed one is stored, and
     * of several callers the first one wins. It does not count for the capacity.
     */
    String secret(StoreSecret secret, String proposed);

    /** How much is stored. */
    Levels levels();

    /**
     * The networks or pairings that hold the most, the largest first.
     *
     * @param limit the most entries
     */
    List<Holding> largest(Account account, int limit);

    /** The stored pairings and devices that were opened from the network of that name, in no particular order. */
    List<DueRecord> openedBy(String network);

    /** Whether the store can be read and written now. Returns within about a second, and never throws. */
    boolean reachable();

    /** Releases files, connections and threads. */
    @Override
    void close();
}
