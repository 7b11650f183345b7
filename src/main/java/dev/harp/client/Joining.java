package dev.harp.client;

import dev.harp.client.RelayApi.Answer;
import dev.harp.client.RelayException.Kind;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Checked;
import dev.harp.message.DeviceHandshake;
import dev.harp.message.DeviceJoin;
import dev.harp.message.Envelope;
import dev.harp.message.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A device's side of one pairing after the person's tap on "join" (docs/messages.md, sections 4 to 6): wait for the
 * platform's hello, show the six digits, and confirm when the person says that the platform took them. For one thread.
 */
public final class Joining {
    private final RelayApi api;
    private final DeviceStore store;
    private final DeviceState device;
    private final DeviceState.Joining begun;
    private Optional<DeviceHandshake> handshake = Optional.empty();

    /** What became of waiting for the platform. */
    public sealed interface Greeting {}

    /** The platform's hello is the one that the link promised: show the digits. */
    public record Greeted(DeviceHandshake handshake) implements Greeting {}

    /** No hello came in time. Nothing is kept of the join. */
    public record Silence() implements Greeting {}

    /** Somebody has changed the hello on the way. Nothing is kept of the join, and the relay is told that it ended. */
    public record Changed(Reason reason) implements Greeting {}

    /** What became of the confirmation. */
    public enum Confirmation {
        /** The relay has it. The pairing is there. */
        PAIRED,
        /** The platform has ended the pairing, or its time was over. Nothing is kept. */
        ENDED
    }

    Joining(RelayApi api, DeviceStore store, DeviceState device, DeviceState.Joining begun) {
        this.api = api;
        this.store = store;
        this.device = device;
        this.begun = begun;
    }

    private DeviceJoin join() {
        return begun.join();
    }

    private String pairId() {
        return join().link().pairId();
    }

    private Duration left() {
        long age = api.environment().now() - begun.begunAt();
        return Duration.ofSeconds(Math.clamp(DeviceJoin.MAX_AGE - age, 0, DeviceJoin.MAX_AGE));
    }

    /**
     * Waits for the platform's hello.
     *
     * @throws RelayException if the relay cannot be reached
     */
    public Greeting awaitHello() throws RelayException, InterruptedException {
        long until = api.environment().in(left());
        Optional<String> cursor = Optional.empty();
        while (true) {
            boolean last = api.environment().until(until).isZero();
            long begun = api.environment().nanoTime().getAsLong();
            Answer answer = api.poll(DeviceInbox.path(device, cursor), device.token(), RelayApi.LONG_POLL, until)
                    .expect(200);
            cursor = Optional.of(answer.required("cursor"));
            List<JsonTree> requests =
                    answer.body().get("requests").orElse(new Items(List.of())) instanceof Items(var all)
                            ? all
                            : List.of();
            for (JsonTree each : requests) {
                Optional<Greeting> greeting = each instanceof Members item ? greeting(item) : Optional.empty();
                if (greeting.isPresent()) {
                    return greeting.get();
                }
            }
            if (last) {
                abandon();
                return new Silence();
            }
            api.pauseIfEarly(begun, until);
        }
    }

    private Optional<Greeting> greeting(Members item) throws RelayException, InterruptedException {
        Optional<Envelope> envelope = Values.envelope(item);
        if (envelope.isEmpty() || !item.text("pair_id").filter(pairId()::equals).isPresent()) {
            return Optional.empty();
        }
        String requestId = item.text("request_id").orElse("");
        if (!RequestIds.isId(requestId)) {
            // The confirmation is sent to a path with this id in it.
            return Optional.empty();
        }
        return switch (join().open(requestId, envelope.get())) {
            case Checked.Ok<DeviceHandshake>(DeviceHandshake opened) -> {
                handshake = Optional.of(opened);
                yield Optional.of(new Greeted(opened));
            }
            // The relay may put anything into the list; what does not open under the link's secret says nothing.
            case Checked.Refused<DeviceHandshake>(Reason reason)
            when reason == Reason.SEAL || reason == Reason.ENVELOPE -> Optional.empty();
            case Checked.Refused<DeviceHandshake>(Reason reason) -> {
                abandon();
                yield Optional.of(new Changed(reason));
            }
        };
    }

    /**
     * Signs that the person confirms, keeps the pairing, and tells the platform. If the relay cannot be reached the
     * pairing is kept, and {@link Device#resendConfirmation} tells later.
     *
     * @throws IllegalStateException before the hello has come
     */
    public Confirmation confirm() throws RelayException, InterruptedException {
        DeviceHandshake greeted = handshake.orElseThrow(() -> new IllegalStateException("no hello yet"));
        Environment environment = api.environment();
        DeviceHandshake.Confirmed confirmed = greeted.confirm(environment.now(), environment.random());
        store.change(state -> new DeviceStore.Change<>(
                state.map(now -> now.withJoin(Optional.empty())
                        .with(new DeviceState.Paired(confirmed.pairing(), confirmed.log(), false))),
                true));
        return Device.tell(api, store, device, pairId(), confirmed.requestId(), confirmed.response());
    }

    /** Ends the join: nothing is kept of it, and the relay is told, if it can be reached. */
    public void abandon() throws InterruptedException {
        store.change(state -> new DeviceStore.Change<>(state.map(now -> now.withJoin(Optional.empty())), true));
        try {
            api.delete("/v1/pairs/" + pairId(), device.token());
        } catch (RelayException e) {
            // The platform's own time for the confirmation ends it.
        }
    }

    /** Binds the device at the relay; a retry sends the same payload. */
    void bind() throws RelayException, InterruptedException {
        Members body = JsonTree.object()
                .add("secret_hash", join().secretHash())
                .add("payload", join().payload())
                .build();
        // If the relay is out of reach, it is open whether the device is bound: the join stays, for another attempt.
        Answer answer = api.send("PUT", "/v1/pairs/" + pairId() + "/device", device.token(), body);
        if (answer.status() != 200) {
            store.change(state -> new DeviceStore.Change<>(state.map(now -> now.withJoin(Optional.empty())), true));
            throw answer.status() == 409
                    ? new RelayException(Kind.REFUSED, answer.code(), "another device has joined this pairing already")
                    : answer.refusal();
        }
        Optional<String> pushToken = store.read().flatMap(DeviceState::pushToken);
        if (pushToken.isPresent()) {
            // If the relay refuses it, the pairing works without push notifications.
            var _ = Device.tellPushToken(api, device, pushToken);
        }
    }
}
