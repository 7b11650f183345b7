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
 * Where the relay keeps its records.
 *
 * <p>Reads give records as they were last stored; what time has done to them since is {@code model.Transitions}' business.
 * Writes go through three methods that hand the stored record to a rule and store what the rule makes of it, in one
 * atomic step. A rule may be called more than once, and must have no effects. When a change returns, it is stored, and every
 * later read sees it.
 *
 * <p>Every method but {@link #reachable} and {@link #close} may throw {@link StoreUnavailable}, after a bounded time.
 *
 * <p>What the store keeps in step by itself, with the same change: the index of tokens, the requests of a forgotten pairing
 * (they go with it), the list of what a device has to know, the schedule, the sums.
 */
public interface RelayStore extends AutoCloseable {

    /**
     * What a change makes of a request.
     *
     * @param <R> the rule's answer
     */
    @FunctionalInterface
    interface RequestRule<R> {
        /**
         * Says what is to become of the request.
         *
         * @param pairing the request's pairing, as it stands in the same step
         * @param request the request, if there is one
         * @param open how many requests of the pairing are stored as open
         */
        Change<Request, R> apply(Pairing pairing, Optional<Request> request, int open);
    }

    /** The pairing of that name. */
    Optional<Pairing> pairing(PairId id);

    /** The pairing whose platform holds the token of that digest. */
    Optional<Pairing> pairingByToken(Sha256 token);

    /** The device of that name. */
    Optional<Device> device(DeviceId id);

    /** The device that holds the token of that digest. */
    Optional<Device> deviceByToken(Sha256 token);

    /** The request of that name. */
    Optional<Request> request(RequestKey key);

    /** The request that the device knows by that id; of several pairings' the one that was submitted first. */
    Optional<RequestKey> requestOf(DeviceId device, RequestId id);

    /** The open requests of a pairing, in no particular order. */
    List<RequestKey> openRequests(PairId pair);

    /** The pairings that the device has joined and that are not forgotten, in no particular order. */
    List<PairId> pairingsOf(DeviceId device);

    /**
     * What the device has to know.
     *
     * @param after what it knows; empty for the open requests only
     * @param limit how many entries at most, at least 1
     * @param maxText how many characters of ciphertext at most; one entry may have more
     */
    Page inbox(DeviceId device, Optional<Cursor> after, int limit, long maxText);

    /**
     * What a pairing's platform has to know: each request that is stored, at the place of its latest {@link dev.harp.relay.protocol.PlatformView#changed change}.
     *
     * @param after what it knows; empty for all
     * @param limit how many entries at most, at least 1
     * @param maxText how many characters of the answers' ciphertext at most; one entry may have more
     */
    Page history(PairId pair, Optional<Cursor> after, int limit, long maxText);

    /**
     * Up to {@code limit} records about which something is to be done by {@code time}, the earliest first, for the caller to do it.
     * A store that several relays share keeps what it hands out from the others for a few seconds: so each thing is done by
     * one of them, and by another one if that one has died over it.
     */
    List<DueRecord> due(Instant time, int limit);

    /** When {@link #due} next has something to say, if ever. */
    Optional<Instant> nextDue();

    /** Changes, adds or removes the pairing of that name. */
    <R> StoreResult<R> changePairing(PairId id, Function<Optional<Pairing>, Change<Pairing, R>> rule);

    /** Changes, adds or removes the device of that name. */
    <R> StoreResult<R> changeDevice(DeviceId id, Function<Optional<Device>, Change<Device, R>> rule);

    /**
     * Changes, adds or removes the request of that name.
     *
     * @return empty if there is no such pairing; then the rule was not asked
     */
    <R> Optional<StoreResult<R>> changeRequest(RequestKey key, RequestRule<R> rule);

    /** How much is stored. */
    Levels levels();

    /** Whether the store can be read and written now. Answers within a second or so, and never throws. */
    boolean reachable();

    /** Lets go of what the store holds outside of memory. */
    @Override
    void close();
}
