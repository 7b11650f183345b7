package dev.harp.relay.http.admin;

import dev.harp.relay.http.api.Reply;
import dev.harp.relay.log.Event;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.service.Holders;
import dev.harp.relay.service.Operator;
import dev.harp.relay.service.Refusals;
import dev.harp.relay.store.StoreUnavailable;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import jakarta.json.stream.JsonGenerator;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The operator's view of who holds the most, and the operator's acts: {@code DELETE} of a pairing, a device, or what a
 * network has opened. Each act is a warning in the log, with ids and numbers.
 */
record Operations(Operator operator, Holders holders) {
    private static final int MOST = 1_000;
    private static final int USUAL = 20;
    private static final Pattern CURSOR = Pattern.compile("(dev|pair)_[0-9a-f]{12}");

    private static final Logger LOG = System.getLogger(Operations.class.getName());

    void addTo(HttpRouting.Builder routing) {
        add(routing, "/holders", Method.GET, this::list);
        add(routing, "/networks", Method.DELETE, this::end);
        add(routing, "/pairs/{id}", Method.DELETE, this::revoke);
        add(routing, "/devices/{id}", Method.DELETE, this::remove);
    }

    private static void add(
            HttpRouting.Builder routing, String path, Method method, Function<ServerRequest, Reply> answer) {
        routing.any(
                path, (request, response) -> guarded(request, method, answer).send(request, response));
    }

    private static Reply guarded(ServerRequest request, Method method, Function<ServerRequest, Reply> answer) {
        if (!request.prologue().method().equals(method)) {
            return Reply.methodNotAllowed(method.text());
        }
        if (!Local.isOperator(request)) {
            return Local.refused("This can be done from this machine only, and by no web page.");
        }
        try {
            return answer.apply(request);
        } catch (StoreUnavailable _) {
            return Reply.problem(Refusals.storeUnavailable());
        }
    }

    private Reply revoke(ServerRequest request) {
        String text = id(request);
        return PairId.parse(text)
                .map(id -> done(
                        operator.revoke(id),
                        open -> Event.of("operator_revoked", "the operator has revoked a pairing")
                                .with("pair_id", id.value())
                                .with("open_requests", open),
                        (open, json) -> json.write("pair_id", id.value()).write("open_requests", open)))
                .orElseGet(() -> unknown("pairing", "pair_"));
    }

    private Reply remove(ServerRequest request) {
        String text = id(request);
        return DeviceId.parse(text)
                .map(id -> done(
                        operator.remove(id),
                        pairings -> Event.of("operator_removed", "the operator has removed a device")
                                .with("device_id", id.value())
                                .with("pairings", pairings),
                        (pairings, json) -> json.write("device_id", id.value()).write("pairings", pairings)))
                .orElseGet(() -> unknown("device", "dev_"));
    }

    private Reply end(ServerRequest request) {
        Optional<String> network = parameter(request, "network");
        Optional<String> after = parameter(request, "after");
        if (network.isEmpty()
                || after.filter(id -> !CURSOR.matcher(id).matches()).isPresent()) {
            return wrong("network has to be given once, and after, if at all, as next of the answer before:"
                    + " /networks?network=4-0123456789abcdef.");
        }
        return done(
                operator.end(network.get(), after),
                step -> Event.of("operator_ended", "the operator has ended what a network has opened")
                        .with("network", step.network())
                        .with("pairings", step.pairings())
                        .with("devices", step.devices()),
                (step, json) -> {
                    json.write("network", step.network())
                            .write("pairings", step.pairings())
                            .write("devices", step.devices());
                    step.next().ifPresent(next -> json.write("next", next));
                });
    }

    private Reply list(ServerRequest request) {
        int limit = parameter(request, "limit")
                .map(text -> text.matches("[1-9]\\d{0,3}") ? Integer.parseInt(text) : 0)
                .orElse(USUAL);
        if (limit < 1 || limit > MOST) {
            return wrong("limit has to be a number from 1 to " + MOST + ".");
        }
        List<Holders.Network> networks = holders.networks(limit);
        List<Holders.Pair> pairings = holders.pairings(limit);
        return json(json -> {
            json.writeStartArray("networks");
            networks.forEach(network -> network(network, json));
            json.writeEnd().writeStartArray("pairings");
            pairings.forEach(pair -> json.writeStartObject()
                    .write("pair_id", pair.id().value())
                    .write("bytes", pair.bytes())
                    .write("waiters", pair.waiters())
                    .writeEnd());
            json.writeEnd();
        });
    }

    private static void network(Holders.Network network, JsonGenerator json) {
        json.writeStartObject().write("network", network.name()).write("percent", Math.round(network.ratio() * 100));
        for (Measure measure : Measure.values()) {
            Holders.Use use = network.uses().get(measure);
            json.write(measure.name().toLowerCase(Locale.ROOT), use == null ? 0 : use.held());
        }
        json.writeEnd();
    }

    /** The value of the parameter; empty if it is not given once with a value. */
    private static Optional<String> parameter(ServerRequest request, String name) {
        try {
            List<String> values = request.query().all(name, List::of);
            return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // the query is not well-formed
        }
    }

    private static Reply wrong(String detail) {
        return Reply.problem(Refusal.of(ErrorCode.INVALID_PARAMETER, detail));
    }

    private static String id(ServerRequest request) {
        return request.path().pathParameters().get("id");
    }

    private static Reply unknown(String what, String prefix) {
        return wrong("This is no id of a " + what + ": " + prefix + " and 12 hex digits.");
    }

    private interface View<T> {
        void write(T value, JsonGenerator json);
    }

    private static <T> Reply done(Result<T> result, Function<T, Event> event, View<T> view) {
        return switch (result) {
            case Result.Ok<T>(T value) -> {
                event.apply(value).to(LOG, Level.WARNING);
                yield json(json -> view.write(value, json));
            }
            case Result.Refused<T>(Refusal refusal) -> Reply.problem(refusal);
        };
    }

    private static Reply json(Consumer<JsonGenerator> members) {
        return Reply.json(Status.OK_200, json -> {
            json.writeStartObject();
            members.accept(json);
            json.writeEnd();
        });
    }
}
