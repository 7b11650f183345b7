package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PairingEvent;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.protocol.Transitions;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Opens, joins and revokes pairings ({@code docs/protocol.md}, section 4). */
public final class Pairings {
    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final LongPoll longPoll;
    private final IdGenerator ids;
    private final InstantSource clock;

    /**
     * A session that has just been opened.
     *
     * @param pairing the session
     * @param token the platform's token, shown this once
     */
    public record Opened(Pairing pairing, Token token) {}

    /** Pairings of the store, whose polls wait in the room. */
    public Pairings(
            RelayStore store, RequestLifecycle lifecycle, WaitingRoom room, IdGenerator ids, InstantSource clock) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.longPoll = new LongPoll(room);
        this.ids = ids;
        this.clock = clock;
    }

    /**
     * Opens a session for one device to join.
     *
     * @param secretHash the digest of the pairing secret
     * @param ttl for how long, 30 to 600 s
     * @param opener where the platform calls from, whose share it counts for
     * @return the session; refused with {@code relay_full}
     */
    public Result<Opened> open(Sha256 secretHash, Duration ttl, Opener opener) {
        Token token = ids.platformToken();
        Instant now = clock.instant();
        Pairing pairing = new Pairing(
                ids.pair(),
                token.digest(),
                secretHash.digest(),
                now,
                now.plus(ttl),
                new Pairing.Pending(0),
                opener,
                Optional.empty());
        return store.changePairing(
                        pairing.id(), taken -> new Change<>(taken.or(() -> Optional.of(pairing)), taken.isEmpty()))
                .orRefuse(bound -> Refusals.full("pairing", bound))
                .then(added -> added ? Result.ok(new Opened(pairing, token)) : open(secretHash, ttl, opener));
    }

    /**
     * Waits until a device has joined.
     *
     * @return the pairing, pending or active; refused with {@code unauthorized}, {@code pairing_expired},
     *     {@code pair_revoked}, {@code relay_full}, {@code shutting_down}
     */
    public Result<Pairing> await(Caller.Platform caller, Wait wait) {
        PairId id = caller.pair();
        return longPoll.until(
                new Topic.OfPairing(id),
                wait,
                () -> current(caller),
                pairing -> !(pairing.state() instanceof Pairing.Pending));
    }

    private Result<Pairing> current(Caller.Platform caller) {
        Optional<Pairing> current = lifecycle
                .apply(caller.pair(), new PairingEvent.Tick())
                .map(Transition::record)
                .filter(caller::holds);
        return current.map(Transitions::ended)
                .orElseGet(() -> Optional.of(Refusal.UNAUTHORIZED))
                .<Result<Pairing>>map(Result::refused)
                .orElseGet(() -> Result.ok(current.orElseThrow()));
    }

    /**
     * Joins a session.
     *
     * @param id the pairing, if the device gave a well-formed id
     * @param secretHash the digest of the secret that the device knows
     * @param payload what the device sends along to the platform
     * @return the pairing; refused with {@code unauthorized}, {@code wrong_secret}, {@code already_paired},
     *     {@code pairing_expired}, {@code pair_revoked}, {@code relay_full}
     */
    public Result<Pairing> join(
            Caller.Device caller, Optional<PairId> id, Sha256 secretHash, Optional<String> payload) {
        DeviceId device = caller.device();
        // For an unknown pairing every secret is as wrong as for a known one.
        return id.flatMap(known -> lifecycle.apply(known, new PairingEvent.Bind(device, secretHash.digest(), payload)))
                .map(Transition::result)
                .orElseGet(() -> Result.refused(Transitions.wrongSecret()))
                .then(pairing -> unlessGone(device, pairing));
    }

    /** A device may be removed while it joins. The later of the two calls then revokes the pairing. */
    private Result<Pairing> unlessGone(DeviceId device, Pairing pairing) {
        lifecycle.keep(device);
        if (store.device(device).isPresent()) {
            return Result.ok(pairing);
        }
        var _ = lifecycle.apply(pairing.id(), new PairingEvent.Revoke());
        return Result.refused(Refusal.UNAUTHORIZED);
    }

    /**
     * Gives the platform another token. The present one ends at once, and so do the calls that wait with it.
     *
     * @return the new token; refused with {@code unauthorized}, {@code pairing_expired}, {@code pair_revoked}
     */
    public Result<Token> rotate(Caller.Platform caller) {
        Token next = ids.platformToken();
        return lifecycle
                .apply(caller.pair(), new PairingEvent.Rotate(caller.token(), next.digest()))
                .map(Transition::result)
                .orElseGet(() -> Result.refused(Refusal.UNAUTHORIZED))
                .then(_ -> Result.ok(next));
    }

    /**
     * Revokes a pairing: its open requests are cancelled, and all who wait are signalled.
     *
     * @return the pairing; refused with {@code unauthorized}, {@code pairing_expired}, {@code pair_revoked}
     */
    public Result<Pairing> revoke(Caller caller, PairId id) {
        boolean holds = switch (caller) {
            case Caller.Platform(PairId own, var _, var _) -> own.equals(id);
            case Caller.Device(DeviceId device, var _, var _) ->
                store.pairing(id)
                        .flatMap(Pairing::device)
                        .filter(device::equals)
                        .isPresent();
        };
        if (!holds) {
            return Result.refused(Refusal.UNAUTHORIZED);
        }
        return lifecycle
                .apply(id, new PairingEvent.Revoke())
                .map(Transition::result)
                .orElseGet(() -> Result.refused(Refusal.UNAUTHORIZED));
    }
}
