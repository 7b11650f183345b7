package dev.harp.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.DeviceState.Paired;
import dev.harp.client.DeviceStore.Change;
import dev.harp.client.RelayApi.Answer;
import dev.harp.client.RelayException.Kind;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.message.Assertion;
import dev.harp.message.Bytes;
import dev.harp.message.Checked;
import dev.harp.message.Decision;
import dev.harp.message.DecisionLog;
import dev.harp.message.DeviceJoin;
import dev.harp.message.DevicePairing;
import dev.harp.message.Envelope;
import dev.harp.message.PairingLink;
import dev.harp.message.Passkey;
import dev.harp.message.PreparedAnswer;
import dev.harp.message.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The answering side at one relay: registers, joins pairings, lists questions, decides. Each decision is stored before
 * it is sent, and there is one for each request, whatever the relay shows again. Safe for use by many threads and, with
 * a store in a file, by many processes.
 */
public final class Device implements AutoCloseable {
    private final RelayApi api;
    private final Environment environment;
    private final DeviceStore store;
    private final DeviceInbox inbox;

    /** What became of opening a link. */
    public sealed interface JoinResult {}

    /** The device is bound; wait for the platform's hello. */
    public record Begun(Joining joining) implements JoinResult {}

    /** The link is not in its form, names another relay, or a part of the join is out of its bounds. */
    public record BadLink(Reason reason) implements JoinResult {}

    /** This device has this pairing already. It is left as it is. */
    public record AlreadyPaired(DevicePairing pairing) implements JoinResult {}

    /** What became of a decision. */
    public sealed interface DecideResult {}

    /** The relay has the answer. */
    public record Sent() implements DecideResult {}

    /** The device had decided before: that decision was sent again, whatever was decided now. */
    public record SentEarlier() implements DecideResult {}

    /** The decision cannot be made: it does not fit the question, or its time is not now. */
    public record NotDecided(Reason reason) implements DecideResult {}

    /**
     * The request has ended at the relay before the answer came.
     *
     * @param code the relay's
     */
    public record TooLate(String code) implements DecideResult {}

    /**
     * A device at one relay.
     *
     * @param relay its address, as pairing links name it
     * @param store the device's state at this relay, and at no other: its token is this relay's
     */
    public Device(String relay, DeviceStore store, Environment environment) {
        this.api = new RelayApi(relay, environment);
        this.environment = environment;
        this.store = store.withoutOldJoins(environment::now);
        this.inbox = new DeviceInbox(api, this.store);
    }

    /**
     * The device as it is registered; registers it first if it is not.
     *
     * @param pushToken where the relay sends push notifications to, once the device has joined a pairing; of a device
     *     that is registered already, {@link #setPushToken} changes it
     */
    public DeviceState register(Optional<String> pushToken) throws RelayException, InterruptedException {
        Optional<DeviceState> known = known();
        if (known.isPresent()) {
            return known.get();
        }
        Answer answer =
                api.send("POST", "/v1/devices", "", JsonTree.object().build()).expect(201);
        DeviceState fresh = DeviceState.registered(
                api.relay(),
                answer.required("device_id", RelayApi.WORD),
                answer.required("device_token", RelayApi.WORD),
                pushToken);
        return store.change(state -> {
            DeviceState kept = state.orElse(fresh);
            return new Change<>(Optional.of(kept), kept);
        });
    }

    /** The stored state. That of another relay is a mistake of the caller: this relay must not get its token. */
    private Optional<DeviceState> known() {
        Optional<DeviceState> state = store.read();
        if (state.filter(device -> !device.relay().equals(api.relay())).isPresent()) {
            throw new IllegalStateException("the store is that of the device at another relay");
        }
        return state;
    }

    private DeviceState registered() throws RelayException {
        return known().orElseThrow(
                        () -> new RelayException(Kind.UNAUTHORIZED, "", "this device has joined nothing yet"));
    }

    /**
     * Tells the relay where to send push notifications to; without a token it sends none. A relay keeps none of a
     * device without a pairing: it is told with the next join.
     */
    public void setPushToken(Optional<String> pushToken) throws RelayException, InterruptedException {
        DeviceState device = registered();
        store.change(state -> new Change<>(state.map(now -> now.withPushToken(pushToken)), true));
        Answer answer = tellPushToken(api, device, pushToken);
        if (!answer.code().equals("not_paired")) {
            answer.expect(200);
        }
    }

    static Answer tellPushToken(RelayApi api, DeviceState device, Optional<String> pushToken)
            throws RelayException, InterruptedException {
        byte[] body = pushToken
                .map(token -> ExactJson.write(
                        JsonTree.object().add("push_token", token).build()))
                .orElse("{\"push_token\":null}".getBytes(UTF_8));
        return api.sendBytes(
                "PATCH",
                "/v1/devices/" + device.deviceId(),
                device.token(),
                body,
                api.environment().in(RelayApi.PATIENCE));
    }

    /**
     * Joins the pairing of a link, after the person has said so: opening a link alone binds nothing. A join that was
     * begun and not confirmed is begun anew.
     *
     * @param name what the person calls this device, 1 to 64 bytes
     * @param appOrigin the origin of the app's page, if it runs in a browser
     * @throws RelayException if the relay cannot be reached or refuses: another device has joined, the link is too old
     */
    public JoinResult join(
            String link, PairingLink.Http http, String name, Optional<String> appOrigin, List<Passkey> passkeys)
            throws RelayException, InterruptedException {
        return switch (PairingLink.parse(link, http)) {
            case Checked.Refused<PairingLink>(Reason reason) -> new BadLink(reason);
            case Checked.Ok<PairingLink>(PairingLink parsed)
            when !parsed.relay().equals(api.relay()) -> new BadLink(Reason.LINK_RELAY);
            case Checked.Ok<PairingLink>(PairingLink parsed) -> join(parsed, name, appOrigin, passkeys);
        };
    }

    private JoinResult join(PairingLink link, String name, Optional<String> appOrigin, List<Passkey> passkeys)
            throws RelayException, InterruptedException {
        DeviceState device = register(Optional.empty());
        Optional<Paired> known = device.pairing(link.pairId());
        if (known.isPresent()) {
            return new AlreadyPaired(known.get().pairing());
        }
        return switch (DeviceJoin.begin(link, name, appOrigin, passkeys, environment.random())) {
            case Checked.Refused<DeviceJoin>(Reason reason) -> new BadLink(reason);
            case Checked.Ok<DeviceJoin>(DeviceJoin join) -> {
                long now = environment.now();
                DeviceState.Joining begun = store.change(state -> {
                    DeviceState current = state.orElse(device);
                    DeviceState.Joining kept = current.join()
                            .filter(other ->
                                    other.join().link().equals(link) && now - other.begunAt() < DeviceJoin.MAX_AGE)
                            .orElse(new DeviceState.Joining(join, now));
                    return new Change<>(Optional.of(current.withJoin(Optional.of(kept))), kept);
                });
                Joining joining = new Joining(api, store, device, begun);
                joining.bind();
                yield new Begun(joining);
            }
        };
    }

    /**
     * Sends every confirmation that the relay may not have: after a restart, or after it was out of reach. If the relay
     * has forgotten the hello, it is asked whether the pairing still stands; the keys go only if it does not.
     */
    public void resendConfirmation() throws RelayException, InterruptedException {
        DeviceState device = registered();
        for (Paired paired : device.pairings()) {
            if (!paired.confirmed()) {
                Optional<Map.Entry<String, DecisionLog.Entry>> hello = paired.log().entries().entrySet().stream()
                        .filter(entry -> entry.getValue()
                                .question()
                                .equals(paired.pairing().helloDigest()))
                        .findFirst();
                if (hello.isPresent()) {
                    resend(device, paired.pairing(), hello.get());
                }
            }
        }
    }

    private void resend(DeviceState device, DevicePairing pairing, Map.Entry<String, DecisionLog.Entry> hello)
            throws RelayException, InterruptedException {
        Answer answer = respond(api, device, hello.getKey(), hello.getValue().response());
        settle(store, pairing.pairId(), answer.status() == 200 || (answer.status() == 401 && stands(device, pairing)));
    }

    /** Whether the relay still has the pairing: it is bound again, which changes nothing (docs/protocol.md, 4.5). */
    private boolean stands(DeviceState device, DevicePairing pairing) throws RelayException, InterruptedException {
        JsonTree.Builder body =
                JsonTree.object().add("secret_hash", pairing.secretHash()).add("payload", pairing.payload());
        String path = "/v1/pairs/" + pairing.pairId() + "/device";
        Answer answer = api.send("PUT", path, device.token(), body.build());
        return switch (answer.status()) {
            case 200 -> true;
            case 403, 409, 410 -> false;
            default -> throw answer.refusal();
        };
    }

    static Joining.Confirmation tell(
            RelayApi api, DeviceStore store, DeviceState device, String pairId, String requestId, Envelope response)
            throws RelayException, InterruptedException {
        Answer answer = respond(api, device, requestId, response);
        boolean paired = answer.status() == 200;
        settle(store, pairId, paired);
        return paired ? Joining.Confirmation.PAIRED : Joining.Confirmation.ENDED;
    }

    private static void settle(DeviceStore store, String pairId, boolean paired) {
        store.change(state -> new Change<>(
                state.map(now -> paired
                        ? now.pairing(pairId)
                                .map(found -> now.with(new Paired(found.pairing(), found.log(), true)))
                                .orElse(now)
                        : now.without(pairId)),
                true));
    }

    private static Answer respond(RelayApi api, DeviceState device, String requestId, Envelope response)
            throws RelayException, InterruptedException {
        Answer answer = api.send("PUT", "/v1/requests/" + requestId + "/response", device.token(), response.toJson());
        return switch (answer.status()) {
            case 200, 401, 409, 410 -> answer;
            default -> throw answer.refusal();
        };
    }

    /** All open questions. */
    public Inbox list() throws RelayException, InterruptedException {
        return list(Optional.empty(), Duration.ZERO);
    }

    /** What has changed since a cursor; waits for it, for {@code wait} at most and for 55 s in one call. */
    public Inbox list(Optional<String> after, Duration wait) throws RelayException, InterruptedException {
        return inbox.list(registered(), after, wait);
    }

    /**
     * Follows the list as a stream, and comes back whenever the stream ends, until the thread is interrupted.
     *
     * @param listener gets each change on this thread; the first begins with {@code reset}
     * @throws RelayException if the relay does not know the device any more
     */
    public void stream(Consumer<Inbox> listener) throws RelayException, InterruptedException {
        inbox.stream(registered(), listener);
    }

    /** Decides at {@code tap}: with the device's own signature. */
    public DecideResult decide(Inbox.Card card, dev.harp.message.Answer answer)
            throws RelayException, InterruptedException {
        return decide(card, answer, _ -> Optional.empty());
    }

    /**
     * Decides. The decision is stored, then sent; of several for one request the first counts.
     *
     * @param passkey signs the challenge, if the question asks for more than {@code tap}
     * @throws RelayException if the relay cannot be reached; the decision is made, and sent again by the next attempt
     */
    public DecideResult decide(
            Inbox.Card card, dev.harp.message.Answer answer, Function<Bytes, Optional<Assertion>> passkey)
            throws RelayException, InterruptedException {
        DeviceState device = registered();
        long now = environment.now();
        Checked<DecisionLog.Entry> entry = card.pairing()
                .sign(card.question(), answer)
                .flatMap((PreparedAnswer prepared) ->
                        prepared.seal(passkey.apply(prepared.challenge()), environment.random()));
        if (entry instanceof Checked.Refused<DecisionLog.Entry>(Reason reason)) {
            return new NotDecided(reason);
        }
        Step step = store.change(state -> insert(state, card, answer.decision(), entry.orElseThrow(), now));
        if (step.refused().isPresent()) {
            return new NotDecided(step.refused().get());
        }
        Answer told = respond(api, device, card.requestId(), step.response().orElseThrow());
        if (told.status() != 200) {
            return new TooLate(told.code());
        }
        return step.earlier() ? new SentEarlier() : new Sent();
    }

    /** What one transaction made of a decision. */
    private record Step(Optional<Reason> refused, Optional<Envelope> response, boolean earlier) {
        static Step refused(Reason reason) {
            return new Step(Optional.of(reason), Optional.empty(), false);
        }
    }

    private static Change<Step> insert(
            Optional<DeviceState> state, Inbox.Card card, Decision decision, DecisionLog.Entry entry, long now) {
        Optional<Paired> current =
                state.flatMap(device -> device.pairing(card.pairing().pairId()));
        if (current.isEmpty()) {
            return new Change<>(state, Step.refused(Reason.WRONG_PAIRING));
        }
        Paired paired = current.get();
        DecisionLog log = paired.log().observe(card.question(), now);
        return switch (log.insert(card.requestId(), entry)) {
            case DecisionLog.Existing(DecisionLog.Entry existing) ->
                new Change<>(state, new Step(Optional.empty(), Optional.of(existing.response()), true));
            case DecisionLog.OtherQuestion(Reason reason) -> new Change<>(state, Step.refused(reason));
            case DecisionLog.Inserted(DecisionLog next, DecisionLog.Entry inserted) -> {
                Optional<Reason> notNow = log.judge(card.question(), decision, now);
                yield notNow.isPresent()
                        ? new Change<>(state, Step.refused(notNow.get()))
                        : new Change<>(
                                state.map(
                                        device -> device.with(new Paired(paired.pairing(), next, paired.confirmed()))),
                                new Step(Optional.empty(), Optional.of(inserted.response()), false));
            }
        };
    }

    /**
     * Ends a pairing: its keys are deleted first, then the relay is told.
     *
     * @throws RelayException if the relay cannot be told; the pairing is gone here all the same
     */
    public void leave(String pairId) throws RelayException, InterruptedException {
        DeviceState device = registered();
        store.change(state -> new Change<>(state.map(now -> now.without(pairId)), true));
        Answer answer = api.delete("/v1/pairs/" + pairId, device.token());
        if (answer.status() != 204 && answer.status() != 401 && answer.status() != 410) {
            throw answer.refusal();
        }
    }

    /** Ends every pairing, and has the relay forget the device. */
    public void remove() throws RelayException, InterruptedException {
        DeviceState device = registered();
        store.change(_ -> new Change<>(Optional.empty(), true));
        Answer answer = api.delete("/v1/devices/" + device.deviceId(), device.token());
        if (answer.status() != 204 && answer.status() != 401) {
            throw answer.refusal();
        }
    }

    @Override
    public void close() {
        api.close();
    }
}
