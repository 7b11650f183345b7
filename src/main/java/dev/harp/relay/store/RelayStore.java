package dev.harp.relay.store;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.Toll;
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

    /** The same for a call that is taken from a limit first, with what the store has read ahead. */
    default Admitted<Found<Pairing>> pairingByToken(Toll toll, Sha256 token, Ahead ahead) {
        Grant grant = toll.take();
        return new Admitted<>(
                grant,
                Optional.of(token)
                        .filter(_ -> grant.allowed())
                        .flatMap(this::pairingByToken)
                        .map(pairing -> new Found<>(pairing, Seen.NOTHING)));
    }

    Optional<Device> device(DeviceId id);

    /** The device whose token has that digest. */
    Optional<Device> deviceByToken(Sha256 token);

    /** The same for a call that is taken from a limit first, with what the store has read ahead. */
    default Admitted<Found<Device>> deviceByToken(Toll toll, Sha256 token, Ahead ahead) {
        Grant grant = toll.take();
        return new Admitted<>(
                grant,
                Optional.of(token)
                        .filter(_ -> grant.allowed())
                        .flatMap(this::deviceByToken)
                        .map(device -> new Found<>(device, Seen.NOTHING)));
    }

    Optional<Request> request(RequestKey key);

    /** The device's request with that id. If several of its pairings have one, the one that was submitted first. */
    Optional<RequestKey> requestOf(DeviceId device, RequestId id);

    /** The same by what was seen, if that tells it. */
    default Optional<RequestKey> requestOf(DeviceId device, RequestId id, Seen seen) {
        return requestOf(device, id);
    }

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
     * A page of a list, and what became of a change before it was read.
     *
     * @param change the result of the rule, if it was stored
     * @param page the page; empty if the device has another token
     * @param <R> the result's type
     */
    record Listed<R>(Optional<R> change, Optional<Page> page) {}

    /**
     * The same if that is the device's token. What was seen may be the page, or a request; then the rule is first
     * applied to the request, if the store can do both in one step, and the page begins with it.
     */
    default <R> Listed<R> inbox(
            DeviceId device,
            Sha256 token,
            Seen seen,
            RequestRule<R> rule,
            Optional<Cursor> after,
            int limit,
            long maxText) {
        return new Listed<>(
                Optional.empty(),
                device(device)
                        .filter(known -> known.token().equals(token))
                        .map(_ -> inbox(device, after, limit, maxText)));
    }

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
     * The same. What was seen may be what the rule is given; nothing is stored then unless it is still so.
     *
     * @return empty if its pairing is not stored; the rule was not called then
     */
    default <R> Optional<StoreResult<R>> changeRequest(RequestKey key, Seen seen, RequestRule<R> rule) {
        return changeRequest(key, rule);
    }

    /**
     * What became of a new request.
     *
     * @param grant what the limit says
     * @param result empty if the limit has refused it
     * @param seen the request, if it is stored
     * @param <R> the result's type
     */
    record Added<R>(Grant grant, Optional<StoreResult<R>> result, Seen seen) {}

    /**
     * Adds a request as a rule makes it of what was seen of its pairing, and takes it from a limit in the same step.
     *
     * @return empty if nothing was done: this store has seen nothing, the rule adds nothing, the request is stored
     *     already, or something has changed since
     */
    default <R> Optional<Added<R>> addRequest(RequestKey key, Seen seen, Toll toll, RequestRule<R> rule) {
        return Optional.empty();
    }

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
