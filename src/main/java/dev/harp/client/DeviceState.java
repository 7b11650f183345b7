package dev.harp.client;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Whole;
import dev.harp.message.DecisionLog;
import dev.harp.message.DeviceJoin;
import dev.harp.message.DevicePairing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All that a device keeps for one relay: its registration, a join under way, and its pairings with their decisions. An
 * immutable value; {@link DeviceStore} replaces it in transactions.
 *
 * @param relay the relay's address, as in the links
 * @param pushToken where the relay is to send push notifications to, told to it with each join: it keeps none before
 * @param join the join that has been begun and not been confirmed yet
 */
public record DeviceState(
        String relay,
        String deviceId,
        String token,
        Optional<String> pushToken,
        Optional<Joining> join,
        List<Paired> pairings) {

    /**
     * A join under way.
     *
     * @param begunAt Unix seconds, by the device's clock
     */
    public record Joining(DeviceJoin join, long begunAt) {}

    /**
     * A pairing.
     *
     * @param confirmed whether the confirmation is sent no more: the relay has taken it, the platform has asked, or the
     *     pairing stands and the hello is forgotten
     */
    public record Paired(DevicePairing pairing, DecisionLog log, boolean confirmed) {}

    public DeviceState {
        pairings = List.copyOf(pairings);
    }

    /** Never shows the token or a key. */
    @Override
    public String toString() {
        return "DeviceState[" + relay + ", " + deviceId + ", " + pairings.size() + " pairings]";
    }

    static DeviceState registered(String relay, String deviceId, String token, Optional<String> pushToken) {
        return new DeviceState(relay, deviceId, token, pushToken, Optional.empty(), List.of());
    }

    DeviceState withPushToken(Optional<String> next) {
        return new DeviceState(relay, deviceId, token, next, join, pairings);
    }

    /** The pairing of this id, if there is one. */
    public Optional<Paired> pairing(String pairId) {
        return pairings.stream()
                .filter(paired -> paired.pairing().pairId().equals(pairId))
                .findFirst();
    }

    DeviceState withJoin(Optional<Joining> next) {
        return new DeviceState(relay, deviceId, token, pushToken, next, pairings);
    }

    /**
     * Without a join that is too old to end well: its secrets go. A clock that has been set back keeps it no longer.
     */
    DeviceState withoutOldJoin(long now) {
        boolean old = join.filter(joining -> Math.abs(now - joining.begunAt()) >= DeviceJoin.MAX_AGE)
                .isPresent();
        return old ? withJoin(Optional.empty()) : this;
    }

    /** Adds the pairing, or puts it in the place of the one of the same id. */
    DeviceState with(Paired paired) {
        List<Paired> next = new ArrayList<>(without(paired.pairing().pairId()).pairings);
        next.add(paired);
        return new DeviceState(relay, deviceId, token, pushToken, join, next);
    }

    DeviceState without(String pairId) {
        List<Paired> next = pairings.stream()
                .filter(paired -> !paired.pairing().pairId().equals(pairId))
                .toList();
        return new DeviceState(relay, deviceId, token, pushToken, join, next);
    }

    /** With every secret of the device: for a file that only the user can read. */
    public Members toJson() {
        List<Members> list = pairings.stream()
                .map(paired -> JsonTree.object()
                        .add("pairing", paired.pairing().toJson())
                        .add("log", paired.log().toJson())
                        .add("confirmed", paired.confirmed())
                        .build())
                .toList();
        JsonTree.Builder json = JsonTree.object()
                .add("v", 1)
                .add("relay", relay)
                .add("device_id", deviceId)
                .add("device_token", token)
                .add("push_token", pushToken)
                .add("pairings", list);
        join.ifPresent(joining -> json.add(
                "join",
                JsonTree.object()
                        .add("join", joining.join().toJson())
                        .add("begun_at", joining.begunAt())
                        .build()));
        return json.build();
    }

    /** Reads what {@link #toJson} wrote, or nothing if it is anything else. */
    public static Optional<DeviceState> fromJson(Members json) {
        List<Paired> pairings = new ArrayList<>();
        List<JsonTree> items =
                json.get("pairings").orElse(new Items(List.of())) instanceof Items(var values) ? values : List.of();
        for (JsonTree item : items) {
            Optional<Paired> paired = item instanceof Members members ? paired(members) : Optional.empty();
            if (paired.isEmpty()) {
                return Optional.empty();
            }
            pairings.add(paired.get());
        }
        boolean hasJoin = json.get("join").isPresent();
        Optional<Joining> join = member(json, "join").flatMap(DeviceState::joining);
        boolean version = json.get("v").filter(new Whole(1)::equals).isPresent();
        if (!version || hasJoin != join.isPresent()) {
            return Optional.empty();
        }
        return json.text("relay")
                .flatMap(relay -> json.text("device_id")
                        .filter(id -> RelayApi.WORD.matcher(id).matches())
                        .flatMap(id -> json.text("device_token")
                                .filter(RelayApi::isBearer)
                                .map(token ->
                                        new DeviceState(relay, id, token, json.text("push_token"), join, pairings))));
    }

    private static Optional<Paired> paired(Members json) {
        boolean confirmed =
                json.get("confirmed").filter(new JsonTree.Flag(true)::equals).isPresent();
        return member(json, "pairing")
                .flatMap(pairing -> Values.of(DevicePairing.fromJson(pairing)))
                .flatMap(pairing -> member(json, "log")
                        .flatMap(log -> Values.of(DecisionLog.fromJson(log)))
                        .map(log -> new Paired(pairing, log, confirmed)));
    }

    private static Optional<Joining> joining(Members json) {
        long begunAt = json.get("begun_at").orElse(new Whole(0)) instanceof Whole(long at) ? at : 0;
        return member(json, "join")
                .flatMap(join -> Values.of(DeviceJoin.fromJson(join)))
                .map(join -> new Joining(join, begunAt));
    }

    private static Optional<Members> member(Members json, String name) {
        return json.get(name).filter(Members.class::isInstance).map(Members.class::cast);
    }
}
