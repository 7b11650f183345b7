package dev.harp.relay.service;

import static dev.harp.relay.protocol.Samples.T0;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.Levels;
import dev.harp.relay.store.memory.MemoryStore;
import java.util.function.Function;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/protocol.md}, section 13.2: a request ends once. Lincheck runs small random scenarios some hundred times
 * each, and looks for results that no sequential order of the calls could have given.
 *
 * <p>With threads, not with its model checker, which fails on the lambdas and records in here, and takes minutes.
 */
class EndsLincheckTest {

    @Test
    void responseCancellationAndExpiryExcludeEachOther() {
        check(Ends.class, 3, 8, 300);
    }

    /** Two threads and many scenarios: with three threads the race is met less often. */
    @Test
    void noSubmissionSurvivesARevocation() {
        check(Revocation.class, 2, 24, 200);
    }

    private static void check(Class<?> operations, int threads, int scenarios, int runs) {
        new StressOptions()
                .iterations(scenarios)
                .invocationsPerIteration(runs)
                .threads(threads)
                .actorsPerThread(2)
                .actorsBefore(0)
                .actorsAfter(1)
                .check(operations);
    }

    /** One pairing in a relay, and its two sides. */
    public abstract static class OneRelay {
        final Rig rig = new Rig(new MemoryStore(Samples.TERMS, Rig.ROOMY), Samples.TERMS, 0, 10);
        final Caller.Platform platform =
                new Caller.Platform(Samples.pair(1), Samples.pending(1, T0).token());
        final Caller.Device phone =
                new Caller.Device(Samples.device(1), Samples.phone(1, T0).token());

        OneRelay() {
            rig.store.changePairing(Samples.pair(1), _ -> Change.to(Samples.active(1, 1, T0), true));
        }

        static RequestId id(int number) {
            return Samples.id(T0, number);
        }

        String submitted(int number) {
            Submission submission = new Submission(Samples.key(1, number), Samples.envelope(1), Rig.MINUTE);
            return text(
                    rig.requests.submit(platform, submission).result(),
                    done -> done.repeated() + " " + done.request().stateName());
        }

        static <T> String text(Result<T> result, Function<T, String> value) {
            return switch (result) {
                case Result.Ok<T>(T done) -> value.apply(done);
                case Result.Refused<T>(Refusal refusal) -> refusal.code().code();
            };
        }
    }

    /** Respond against cancel against expiry. */
    public static class Ends extends OneRelay {
        public Ends() {
            var _ = submitted(1);
        }

        @Operation
        public String respond(@Param(gen = IntGen.class, conf = "1:2") int answer) {
            return text(rig.requests.respond(phone, id(1), Samples.answer(answer)), Request::stateName);
        }

        @Operation
        public String cancel() {
            return text(rig.requests.cancel(platform, id(1)), Request::stateName);
        }

        @Operation
        public String read() {
            return text(rig.requests.read(phone, id(1)), Request::stateName);
        }

        @Operation
        public String await() {
            return text(rig.requests.await(platform, id(1), Rig.NO_WAIT), Request::stateName);
        }

        @Operation
        public void timeRunsOut() {
            rig.clock.set(T0.plus(Rig.MINUTE));
        }

        @Operation
        public void processDue() {
            rig.lifecycle.processDue();
        }

        /** The levels are those of one request, in whatever state. */
        @Validate
        public void theSumsAreRight() {
            Levels levels = rig.store.levels();
            if (levels.openRequests() + levels.endedRequests() != 1) {
                throw new IllegalStateException(levels.toString());
            }
        }
    }

    /** Submit against revoke. */
    public static class Revocation extends OneRelay {

        @Operation
        public String submit(@Param(gen = IntGen.class, conf = "1:2") int number) {
            return submitted(number);
        }

        @Operation
        public String revoke() {
            return text(rig.pairings.revoke(phone, Samples.pair(1)), _ -> "revoked");
        }

        @Operation
        public String await(@Param(gen = IntGen.class, conf = "1:2") int number) {
            return text(rig.requests.await(platform, id(number), Rig.NO_WAIT), Request::stateName);
        }

        @Validate
        public void noOpenRequestIsLeft() {
            boolean revoked = rig.store.pairing(Samples.pair(1)).orElseThrow().state() instanceof Pairing.Revoked;
            if (revoked && rig.store.levels().openRequests() > 0) {
                throw new IllegalStateException("open: " + rig.store.openRequests(Samples.pair(1)));
            }
        }
    }
}
