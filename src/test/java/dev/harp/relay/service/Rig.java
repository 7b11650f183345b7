package dev.harp.relay.service;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.limit.LocalRateLimit;
import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Shares;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import dev.harp.relay.store.memory.MemoryStore;
import dev.harp.relay.wait.ClientWatch;
import dev.harp.relay.wait.WaitingRoom;
import dev.harp.testing.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/** The relay without HTTP, with the test's clocks and randomness. */
public final class Rig {
    public static final Capacity ROOMY = new Capacity(1 << 26, 10_000, 10_000);
    public static final Wait NO_WAIT = Wait.NONE;
    public static final Wait LONG = new Wait(Duration.ofMinutes(9), Opener.NONE);
    public static final Duration MINUTE = Duration.ofSeconds(60);

    public final FakeClock clock = new FakeClock(Samples.T0);
    public final AtomicLong nanoTime = new AtomicLong();
    public final RelayStore store;
    public final WaitingRoom room;
    public final RequestLifecycle lifecycle;
    public final Authenticator authenticator;
    public final Pairings pairings;
    public final Devices devices;
    public final Requests requests;

    /** A relay with room for everything, and no rate limit. */
    public Rig() {
        this(new MemoryStore(Samples.TERMS, ROOMY), Samples.TERMS, 0, 10_000);
    }

    public Rig(RelayStore store, ProtocolLimits terms, int submissionsPerMinute, int waiters) {
        this.store = store;
        this.room =
                new WaitingRoom(4, waiters, Shares.NONE, nanoTime::get, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE);
        this.lifecycle = new RequestLifecycle(store, room, terms, clock, RequestListener.NONE, List.of(), 1000);
        this.authenticator = new Authenticator(store, room);
        IdGenerator ids = new IdGenerator(new Random(5));
        this.pairings = new Pairings(store, lifecycle, room, ids, clock);
        this.devices = new Devices(store, lifecycle, room, ids, clock, _ -> Optional.empty());
        this.requests = new Requests(
                store,
                lifecycle,
                room,
                new LocalRateLimit<>(submissionsPerMinute, 1000, nanoTime::get),
                terms,
                Optional.empty(),
                _ -> false,
                clock);
    }

    /** One pairing, its platform and its device. */
    public record Pair(PairId id, Caller.Platform platform, Caller.Device phone) {
        RequestKey key(RequestId request) {
            return new RequestKey(id, request);
        }
    }

    public Caller.Device phone() {
        return phone(ok(devices.register(Opener.NONE)).device());
    }

    public static Caller.Device phone(Device device) {
        return new Caller.Device(device.id(), device.token());
    }

    /** The platform of a pairing, with some token if the pairing is not stored. */
    public Caller.Platform platform(PairId id) {
        return new Caller.Platform(
                id, store.pairing(id).map(Pairing::token).orElseGet(() -> new Token("forgotten").digest()));
    }

    /** A pairing that no device has joined. */
    public PairId session() {
        return ok(pairings.open(Samples.secret(1), Duration.ofSeconds(300), Opener.NONE))
                .pairing()
                .id();
    }

    public Pair pair() {
        return pair(phone());
    }

    public Pair pair(Caller.Device phone) {
        PairId id = session();
        var _ = ok(join(phone, id));
        return new Pair(id, platform(id), phone);
    }

    public Result<Pairing> join(Caller.Device phone, PairId id) {
        return pairings.join(phone, Optional.of(id), Samples.secret(1), Optional.of("payload"));
    }

    /** A new id of the present time. */
    public RequestId id(int number) {
        return Samples.id(clock.instant(), number);
    }

    public Result<Requests.Submitted> submit(Pair pair, RequestId id) {
        return requests.submit(pair.platform(), new Submission(pair.key(id), Samples.envelope(1), MINUTE))
                .result();
    }

    public RequestId submitted(Pair pair, int number) {
        RequestId id = id(number);
        assertThat(ok(submit(pair, id)).repeated(), is(false));
        return id;
    }

    public Result<Request> respond(Pair pair, RequestId id, int answer) {
        return requests.respond(pair.phone(), id, Samples.answer(answer));
    }

    public Result<Page> inbox(Pair pair, Optional<Cursor> after, Wait wait) {
        return devices.inbox(pair.phone(), after, wait, Allowance.UNBOUNDED);
    }

    public String state(Pair pair, RequestId id) {
        return ok(requests.await(pair.platform(), id, NO_WAIT)).stateName();
    }

    public static Response anyAnswer() {
        return Samples.answer(1);
    }

    public static <T> T ok(Result<T> result) {
        return switch (result) {
            case Result.Ok<T>(T value) -> value;
            case Result.Refused<T>(Refusal refusal) -> throw new AssertionError("refused: " + refusal);
        };
    }

    public static void refused(ErrorCode code, Result<?> result) {
        assertThat(
                result instanceof Result.Refused<?>(Refusal refusal)
                        ? refusal.code().name()
                        : "ok: " + result,
                is(code.name()));
    }

    /** Runs a call in its own thread; the call is parked when this returns. */
    public static <T> Future<T> parked(Supplier<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                result.complete(call.get());
            } catch (RuntimeException | AssertionError e) {
                result.completeExceptionally(e);
            }
        });
        until(() -> thread.getState() == Thread.State.TIMED_WAITING || result.isDone());
        assertThat("answered at once: " + result, result.isDone(), is(false));
        return result;
    }

    public static <T> T soon(Future<T> future) {
        try {
            return future.get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no answer", e);
        }
    }

    /** The call of the platform that holds the token; empty if the token is not valid. */
    public <T> Optional<Result<T>> asPlatform(Token token, Function<Caller.Platform, Result<T>> call) {
        return authenticator.caller(token).map(Caller.Platform.class::cast).map(call);
    }

    /** The call of the device that holds the token; empty if the token is not valid. */
    public <T> Optional<Result<T>> asDevice(Token token, Function<Caller.Device, Result<T>> call) {
        return authenticator.caller(token).map(Caller.Device.class::cast).map(call);
    }
}
