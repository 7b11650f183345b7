package dev.harp.relay.store;

import static dev.harp.relay.store.HistoryTexts.shown;
import static dev.harp.relay.store.HistoryTexts.text;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.service.Devices;
import dev.harp.relay.service.Pairings;
import dev.harp.relay.service.Rig;
import dev.harp.relay.store.HistoryClients.Phone;
import dev.harp.relay.store.HistoryClients.Question;
import dev.harp.relay.store.HistoryClients.Session;
import dev.harp.testing.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** A random history of a relay, and of {@link NaiveRelay} beside it. */
final class RandomHistory {
    private static final long[] LEAPS = {1, 999, 1000, 1000, 2000, 5000, 10_000, 20_000, 59_999, 60_000, 300_001};

    /** What a step does, by the upper end of its share in a hundred. */
    private final NavigableMap<Integer, Runnable> steps = new TreeMap<>(Map.ofEntries(
            Map.entry(2, this::openSession),
            Map.entry(3, this::register),
            Map.entry(16, this::join),
            Map.entry(20, this::readPairing),
            Map.entry(22, this::revoke),
            Map.entry(44, this::submit),
            Map.entry(51, this::readAsPlatform),
            Map.entry(57, this::readAsDevice),
            Map.entry(66, this::respond),
            Map.entry(72, this::cancel),
            Map.entry(86, this::list),
            Map.entry(87, this::removeDeviceAtTimes),
            Map.entry(89, this::rotate),
            Map.entry(94, this::passTime),
            Map.entry(100, this::settle)));

    private final Rig rig;
    private final FakeClock clock;
    private final NaiveRelay naive;
    private final Random random;
    private final Map<String, Integer> counts;
    private final long seed;
    private final List<Session> sessions = new ArrayList<>();
    private final List<Phone> phones = new ArrayList<>();
    private final List<Question> asked = new ArrayList<>();
    private final Map<PairId, Phone> joined = new HashMap<>();
    private int next;
    private String where = "";

    RandomHistory(RelayStore store, long seed, Map<String, Integer> counts) {
        this.rig = new Rig(store, Samples.TERMS, 0, 10);
        this.clock = rig.clock;
        this.naive = new NaiveRelay(now());
        this.random = new Random(seed);
        this.seed = seed;
        this.counts = counts;
        register();
        openSession();
        asked.add(new Question(sessions.getFirst(), Samples.id(clock.instant(), next++)));
    }

    private long now() {
        return clock.instant().toEpochMilli();
    }

    void step(int number) {
        int what = random.nextInt(100);
        where = "seed " + seed + ", step " + number + ", case " + what;
        naive.clock(now());
        steps.higherEntry(what).getValue().run();
    }

    private void passTime() {
        clock.advance(Duration.ofMillis(random.nextInt(100) == 0 ? 90_000_000L : LEAPS[random.nextInt(LEAPS.length)]));
    }

    private void openSession() {
        int ttl = new int[] {30, 300, 600}[random.nextInt(3)];
        Pairings.Opened opened = Rig.ok(rig.pairings.open(Samples.secret(1), Duration.ofSeconds(ttl), Opener.NONE));
        naive.opened(opened.pairing().id().value(), "1", ttl * 1000L);
        sessions.add(new Session(opened.pairing().id(), opened.token()));
    }

    private void register() {
        Devices.Registered registered = Rig.ok(rig.devices.register(Opener.NONE));
        String id = registered.device().id().value();
        naive.registered(id);
        phones.add(new Phone(id, registered.token()));
    }

    private void join() {
        Phone phone = aPhone();
        PairId id = random.nextInt(20) == 0 ? Samples.pair(0xbad) : aSession().id;
        int secret = random.nextInt(4) == 0 ? 2 : 1;
        String payload = random.nextInt(4) == 0 ? "" : "payload";
        String expected = naive.join(phone.id, id.value(), "" + secret, payload);
        if (expected.startsWith("active")) {
            joined.put(id, phone);
        }
        check(
                "join",
                rig.asDevice(
                                phone.token,
                                caller -> rig.pairings.join(
                                        caller,
                                        Optional.of(id),
                                        Samples.secret(secret),
                                        Optional.of(payload).filter(text -> !text.isEmpty())))
                        .map(result -> text(result, HistoryTexts::joined)),
                expected);
    }

    private void readPairing() {
        Session session = aSession();
        check(
                "pairing",
                rig.asPlatform(session.token, caller -> rig.pairings.await(caller, Rig.NO_WAIT))
                        .map(result -> text(result, HistoryTexts::read)),
                naive.readPairing(session.id.value()));
    }

    private void revoke() {
        Session session = aSession();
        if (random.nextInt(3) > 0) {
            return;
        }
        if (random.nextBoolean()) {
            check(
                    "revoke",
                    rig.asPlatform(session.token, caller -> rig.pairings.revoke(caller, session.id))
                            .map(result -> text(result, _ -> "revoked")),
                    naive.revokeAsPlatform(session.id.value()));
        } else {
            Phone phone = aPhone();
            check(
                    "revoke",
                    rig.asDevice(phone.token, caller -> rig.pairings.revoke(caller, session.id))
                            .map(result -> text(result, _ -> "revoked")),
                    naive.revokeAsDevice(phone.id, session.id.value()));
        }
    }

    /** Another token for one side; the former one is unknown from then on. */
    private void rotate() {
        if (random.nextBoolean()) {
            Session session = aSession();
            Optional<Result<Token>> rotated = rig.asPlatform(session.token, rig.pairings::rotate);
            check("rotate", rotated.map(result -> text(result, _ -> "ok")), naive.rotateAsPlatform(session.id.value()));
            session.token = next(rotated, session.token);
        } else {
            Phone phone = aPhone();
            Optional<Result<Token>> rotated = rig.asDevice(phone.token, rig.devices::rotate);
            check(
                    "rotate",
                    rotated.map(result -> text(result, _ -> "ok")),
                    naive.knowsDevice(phone.id) ? "ok" : "unauthorized");
            phone.token = next(rotated, phone.token);
        }
    }

    private Token next(Optional<Result<Token>> rotated, Token before) {
        if (rotated.orElse(Result.refused(Refusal.UNAUTHORIZED)) instanceof Result.Ok<Token>(Token next)) {
            assertThat(where, rig.authenticator.caller(before), is(Optional.empty()));
            return next;
        }
        return before;
    }

    private void submit() {
        boolean again = random.nextInt(4) == 0;
        Question question = again
                ? aQuestion()
                : new Question(
                        aSession(),
                        random.nextInt(6) == 0
                                ? aQuestion().id()
                                : Samples.id(
                                        clock.instant().plusMillis(random.nextInt(620_000) - 310_000L),
                                        next++ & 0xfff));
        Session session = question.session();
        RequestId id = question.id();
        int envelope = random.nextInt(5) == 0 ? 2 : 1;
        long ttl = new long[] {1, 60, 300, 3600}[random.nextInt(4)];
        String expected = naive.submit(
                session.id.value(), id.toString(), id.time().toEpochMilli(), "ciphertext" + envelope, ttl * 1000);
        if (expected.startsWith("new")) {
            asked.add(question);
        }
        check(
                "submit",
                rig.asPlatform(
                                session.token,
                                caller -> rig.requests
                                        .submit(
                                                caller,
                                                new Submission(
                                                        new RequestKey(session.id, id),
                                                        new Envelope("nonce", "ciphertext" + envelope),
                                                        Duration.ofSeconds(ttl)))
                                        .result())
                        .map(result -> text(
                                result,
                                done -> (done.repeated() ? "again " : "new ")
                                        + done.request().stateName() + " "
                                        + done.request().expiresAt().toEpochMilli())),
                expected);
    }

    private void readAsPlatform() {
        Question question = aQuestion();
        Session session = random.nextInt(8) == 0 ? aSession() : question.session();
        RequestId id = question.id();
        check(
                "read",
                rig.asPlatform(session.token, caller -> rig.requests.await(caller, id, Rig.NO_WAIT))
                        .map(result -> text(result, HistoryTexts::timeline)),
                naive.readAsPlatform(session.id.value(), id.toString()));
    }

    private void readAsDevice() {
        Question question = aQuestion();
        Phone phone = random.nextInt(8) == 0 ? aPhone() : joined.getOrDefault(question.session().id, aPhone());
        RequestId id = question.id();
        check(
                "open",
                rig.asDevice(phone.token, caller -> rig.requests.read(caller, id))
                        .map(result -> text(
                                result,
                                request -> request.stateName() + " "
                                        + request.key().pair() + " "
                                        + request.envelope()
                                                .map(Envelope::ciphertext)
                                                .orElse(""))),
                naive.readAsDevice(phone.id, id.toString()));
    }

    private void respond() {
        Question question = aQuestion();
        Phone phone = random.nextInt(8) == 0 ? aPhone() : joined.getOrDefault(question.session().id, aPhone());
        RequestId id = question.id();
        String answer = random.nextInt(4) == 0 ? "other" : "answer";
        check(
                "respond",
                rig.asDevice(
                                phone.token,
                                caller -> rig.requests.respond(
                                        caller, id, new Response("nonce", answer, Optional.empty())))
                        .map(result -> text(result, Request::stateName)),
                naive.respond(phone.id, id.toString(), answer));
    }

    private void cancel() {
        Question question = aQuestion();
        Session session = random.nextInt(8) == 0 ? aSession() : question.session();
        RequestId id = question.id();
        check(
                "cancel",
                rig.asPlatform(session.token, caller -> rig.requests.cancel(caller, id))
                        .map(result -> text(result, Request::stateName)),
                naive.cancel(session.id.value(), id.toString()));
    }

    private void list() {
        Phone phone = aPhone();
        List<Cursor> known = List.copyOf(phone.cursors.keySet());
        Optional<Cursor> after = known.isEmpty() || random.nextInt(4) == 0
                ? Optional.empty()
                : Optional.of(known.get(random.nextInt(known.size())));
        Optional<NaiveRelay.Shown> expected =
                naive.list(phone.id, after.map(cursor -> phone.cursors.getOrDefault(cursor, 0L)));
        Optional<Page> actual = rig.asDevice(
                        phone.token, caller -> rig.devices.inbox(caller, after, Rig.NO_WAIT, Allowance.UNBOUNDED))
                .map(Rig::ok);
        assertThat(
                where + " list after " + after,
                actual.map(inbox ->
                        shown(inbox, expected.map(NaiveRelay.Shown::end).orElse(0L))),
                is(expected));
        actual.ifPresent(inbox -> {
            if (phone.cursors.size() < 20) {
                phone.cursors.put(inbox.cursor(), expected.orElseThrow().end());
            } else {
                phone.cursors.clear();
            }
            count("list " + (inbox.reset() ? "reset" : "ok"));
            if (inbox.requests().stream().anyMatch(request -> !request.open())) {
                count("list cancelled");
            }
        });
    }

    private void removeDeviceAtTimes() {
        if (random.nextInt(3) > 0) {
            return;
        }
        Phone phone = aPhone();
        check(
                "remove",
                rig.asDevice(phone.token, caller -> rig.devices.remove(caller))
                        .map(result -> text(result, _ -> "removed")),
                naive.remove(phone.id));
    }

    /** Expires and removes what is due, then compares the levels. */
    private void settle() {
        rig.lifecycle.processDue();
        naive.clock(now());
        naive.forget(id -> rig.store.device(new DeviceId(id)).isPresent());
        for (Phone phone : phones) {
            assertThat(
                    where + " " + phone.id,
                    rig.authenticator.caller(phone.token).isPresent(),
                    is(naive.knowsDevice(phone.id)));
        }
        Levels levels = rig.store.levels();
        assertThat(
                where,
                levels.pairings() + " pairings, " + levels.devices() + " devices, " + levels.openRequests() + " open, "
                        + levels.endedRequests() + " ended",
                is(naive.levels()));
        assertThat(where, rig.store.due(clock.instant(), 1), is(List.of()));
        count("settle ok");
    }

    /** Revokes everything, lets all retention times pass, and finds nothing left. */
    void end() {
        where = "seed " + seed + ", end";
        naive.clock(now());
        for (Session session : sessions) {
            check(
                    "revoke",
                    rig.asPlatform(session.token, caller -> rig.pairings.revoke(caller, session.id))
                            .map(result -> text(result, _ -> "revoked")),
                    naive.revokeAsPlatform(session.id.value()));
        }
        settle();
        assertThat(where, rig.store.levels().openRequests(), is(0));
        clock.advance(Samples.TERMS.retention());
        settle();
        Levels afterRetention = rig.store.levels();
        assertThat(where, afterRetention.pairings() + afterRetention.endedRequests(), is(0));
        // A device that was paired last is kept for a day, and due again after that.
        clock.advance(ProtocolLimits.FORMER_DEVICE);
        settle();
        assertThat(where, rig.store.levels(), is(new Levels(0, 0, 0, 0, 0, 0)));
        assertThat(where, rig.store.nextDue(), is(Optional.empty()));
    }

    private void check(String what, Optional<String> actual, String expected) {
        assertThat(where + " " + what, actual.orElse("unauthorized"), is(expected));
        count(what + " " + expected.split(" ", 2)[0]);
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    private Session aSession() {
        return recent(sessions, 5);
    }

    private Phone aPhone() {
        return recent(phones, 3);
    }

    private Question aQuestion() {
        return recent(asked, 10);
    }

    /** One of the latest, so that most calls are about a stored record. */
    private <T> T recent(List<T> all, int few) {
        return all.get(all.size() - 1 - random.nextInt(Math.min(few, all.size())));
    }
}
