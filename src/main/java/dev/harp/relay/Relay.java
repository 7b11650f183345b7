package dev.harp.relay;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.http.PublicServer;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.model.PairId;
import dev.harp.relay.ops.Serving;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Devices;
import dev.harp.relay.service.Ids;
import dev.harp.relay.service.Ledger;
import dev.harp.relay.service.Pairings;
import dev.harp.relay.service.Reaper;
import dev.harp.relay.service.Requests;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.memory.MemoryStore;
import dev.harp.relay.wait.WaitingRoom;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** The parts of one relay, put together and running. */
public final class Relay implements AutoCloseable {
    private static final int WAITERS_PER_TOPIC = 4;

    private final RelayConfig config;
    private final RelayStore store;
    private final WaitingRoom room;
    private final Reaper reaper;
    private final Ledger ledger;
    private final Serving serving;
    private final PublicServer server;

    /**
     * What comes from outside, so that tests can bring their own.
     *
     * @param clock the wall clock, for all that is kept
     * @param nanoTime a monotonic clock in nanoseconds, for all that is waited for
     * @param random cryptographically strong, for tokens
     */
    public record Sources(InstantSource clock, LongSupplier nanoTime, RandomGenerator random) {}

    private Relay(RelayConfig config, Sources sources) {
        this.config = config;
        this.store = new MemoryStore(config.terms(), config.capacity());
        this.room = new WaitingRoom(WAITERS_PER_TOPIC, config.limits().waiters(), sources.nanoTime());
        this.serving = new Serving();
        this.ledger = new Ledger(store, room, config.terms(), sources.clock());
        this.reaper = new Reaper(store, ledger, sources.clock());
        Ids ids = new Ids(sources.random());
        RateLimit<PairId> submissions = new RateLimit<>(
                config.limits().submissionsPerMinute(), config.capacity().pairings(), sources.nanoTime());
        this.server = PublicServer.start(
                config,
                new PublicServer.Services(
                        new Authenticator(store),
                        new Pairings(store, ledger, room, ids, sources.clock()),
                        new Devices(store, ledger, room, ids, sources.clock()),
                        new Requests(store, ledger, room, submissions, config.terms(), sources.clock()),
                        submissions,
                        serving),
                sources.nanoTime());
        reaper.start();
    }

    /**
     * Starts a relay.
     *
     * @throws RuntimeException if the address cannot be bound
     */
    public static Relay start(RelayConfig config, Sources sources) {
        return new Relay(config, sources);
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    /** How many long polls wait now. */
    public int waiters() {
        return room.waiters();
    }

    /** Ends and forgets what is due now, rather than when the reaper next wakes. */
    public void settle() {
        ledger.settle();
    }

    /**
     * Shuts down: {@code /health} says so, every long poll is answered, what was accepted is finished, and then the listener is
     * closed. Takes no longer than the drain timeout and a moment.
     */
    @Override
    public void close() {
        serving.drain();
        server.drain();
        room.drain();
        try {
            server.stop(config.server().drainTimeout());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reaper.close();
        store.close();
    }
}
