package dev.harp.relay.crash;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * A platform and a phone that carry out one approval after the other, until they are told to stop. Some requests are
 * withdrawn, some run out, some meet the end of their pairing; each kind must end as it has to, whatever happens to the
 * relay meanwhile.
 */
final class Couple {
    private static final Duration LIST_WAIT = Duration.ofSeconds(20);
    private static final int LONG_TTL = 120;
    private static final int ASKED_OF_A_PAIR = 12;

    private final Acts acts;
    private final ClientLedger lifecycle;
    private final RandomGenerator random;
    private final BooleanSupplier stopping;
    private final Map<Asked, Boolean> answered = new ConcurrentHashMap<>();

    /** What is to become of a request. */
    private enum Plan {
        /** The phone answers. */
        ANSWER,
        /** The platform repeats itself meanwhile. */
        REPEAT,
        /** Strangers try their tokens on it. */
        INTRUDE,
        /** The platform withdraws it, while the phone answers. */
        WITHDRAW,
        /** Nobody answers. */
        IGNORE,
        /** Nobody answers, and the pairing ends. */
        REVOKE;

        static Plan random(RandomGenerator random) {
            return switch (random.nextInt(20)) {
                case 0, 1 -> REPEAT;
                case 2 -> INTRUDE;
                case 3, 4, 5 -> WITHDRAW;
                case 6, 7 -> IGNORE;
                case 8 -> REVOKE;
                default -> ANSWER;
            };
        }
    }

    Couple(Acts acts, ClientLedger lifecycle, RandomGenerator random, BooleanSupplier stopping) {
        this.acts = acts;
        this.lifecycle = lifecycle;
        this.random = random;
        this.stopping = stopping;
    }

    Phone register() throws IOException, InterruptedException {
        return acts.register();
    }

    /** The platform's side. What it has begun it brings to its end. */
    void ask(Phone phone) throws IOException, InterruptedException, Forgotten {
        while (!stopping.getAsBoolean()) {
            Pair pair = acts.pair(phone);
            for (int i = 0; i < ASKED_OF_A_PAIR && !stopping.getAsBoolean(); i++) {
                Plan plan = Plan.random(random);
                carryOut(plan, pair);
                if (plan == Plan.REVOKE) {
                    break;
                }
            }
        }
    }

    private void carryOut(Plan plan, Pair pair) throws IOException, InterruptedException, Forgotten {
        boolean ignored = plan == Plan.IGNORE || plan == Plan.REVOKE;
        Asked asked = acts.asking(pair, plan == Plan.IGNORE ? 1 + random.nextInt(2) : LONG_TTL, ignored);
        acts.submit(asked);
        switch (plan) {
            case REPEAT -> acts.submitAgain(asked);
            case INTRUDE -> acts.intrude(asked);
            case WITHDRAW -> acts.cancel(asked);
            case REVOKE -> acts.revoke(pair, random.nextBoolean());
            case ANSWER, IGNORE -> {}
        }
        String end = acts.awaitEnd(asked);
        boolean right = switch (plan) {
            case ANSWER, REPEAT, INTRUDE -> end.equals("responded");
            case WITHDRAW -> end.equals("responded") || end.equals("cancelled");
            case IGNORE -> end.equals("expired");
            case REVOKE -> end.equals("cancelled");
        };
        if (!right) {
            lifecycle.contradicted(asked + " was to " + plan + " and ended as " + end);
        }
    }

    /** The phone's side, until its thread is interrupted. */
    void answer(Phone phone) throws IOException, InterruptedException, Forgotten {
        Optional<String> cursor = Optional.empty();
        while (true) {
            Acts.Inbox inbox = acts.list(phone, cursor, LIST_WAIT);
            cursor = Optional.of(inbox.cursor());
            for (Asked asked : inbox.open()) {
                if (!asked.ignored() && answered.putIfAbsent(asked, true) == null) {
                    Claim.Response response = acts.answer();
                    acts.respond(asked, response);
                    if (random.nextInt(8) == 0) {
                        acts.respondOtherwise(asked);
                        acts.respond(asked, response);
                    }
                }
            }
        }
    }
}
