package dev.harp.relay.http.api;

import static dev.harp.relay.http.api.Endpoint.ownDevice;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.service.Caller;
import dev.harp.relay.service.DeviceUpdate;
import dev.harp.relay.service.Devices;
import dev.harp.relay.service.Subscriptions;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import io.helidon.http.Method;
import io.helidon.http.Status;
import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** {@code /v1/devices} ({@code docs/protocol.md}, sections 5 and 6). */
record DeviceRoutes(Devices devices, Subscriptions streams, Duration maxWait) {
    void addTo(Router router) {
        router.add("/v1/devices/{id}/requests", Map.of(Method.GET, ownDevice(this::inbox)));
        router.add("/v1/devices", Map.of(Method.POST, this::register));
        router.add(
                "/v1/devices/{id}",
                Map.of(
                        Method.GET,
                        ownDevice(this::pairings),
                        Method.PATCH,
                        ownDevice(this::updatePushToken),
                        Method.DELETE,
                        ownDevice(this::remove)));
        router.add("/v1/devices/{id}/token", Map.of(Method.POST, ownDevice(this::rotate)));
        router.add("/v1/devices/{id}/events", Map.of(Method.GET, ownDevice(this::events)));
    }

    private Reply register(Call call) {
        Optional<String> pushToken = call.bodyIfAny().pushToken();
        return Reply.of(
                devices.register(call.opener(), pushToken),
                registered -> Reply.json(Status.CREATED_201, json -> {
                    json.writeStartObject()
                            .write("device_id", registered.device().id().value())
                            .write("device_token", registered.token().value());
                    if (pushToken.isPresent()) {
                        json.write("push_token_kept", false);
                    }
                    json.writeEnd();
                }));
    }

    private Reply pairings(Caller.Device caller, Call call) {
        Devices.Joined joined = devices.pairings(caller, call.afterPairing());
        return Reply.ok(json -> {
            json.writeStartObject().write("device_id", caller.device().value()).writeStartArray("pairings");
            joined.pairings().forEach(pairing -> pairing(pairing, json));
            json.writeEnd();
            joined.next().ifPresent(id -> json.write("next", id.value()));
            json.writeEnd();
        });
    }

    private static void pairing(Pairing pairing, JsonGenerator json) {
        json.writeStartObject().write("pair_id", pairing.id().value());
        if (pairing.state() instanceof Pairing.Active active) {
            json.write("paired_at", active.pairedAt().getEpochSecond());
        }
        pairing.usedAt().ifPresent(at -> json.write("last_used_at", at.getEpochSecond()));
        json.writeEnd();
    }

    private Reply updatePushToken(Caller.Device caller, Call call) {
        return Reply.of(
                devices.updatePushToken(caller, call.body().requiredPushToken()),
                id -> Reply.ok(json ->
                        json.writeStartObject().write("device_id", id.value()).writeEnd()));
    }

    private Reply rotate(Caller.Device caller, Call call) {
        return Reply.of(
                devices.rotate(caller),
                token -> Reply.ok(json -> json.writeStartObject()
                        .write("device_id", caller.device().value())
                        .write("device_token", token.value())
                        .writeEnd()));
    }

    private Reply remove(Caller.Device caller, Call call) {
        return Reply.of(devices.remove(caller), _ -> Reply.noContent());
    }

    private Reply inbox(Caller.Device caller, Call call) {
        return Reply.of(
                devices.inbox(caller, call.after(), call.wait(maxWait), call.memory()),
                inbox -> Reply.streamed(json -> write(inbox, json)));
    }

    private Reply events(Caller.Device caller, Call call) {
        return Reply.of(
                streams.ofDevice(caller, call.lastEventId(Cursor::parse), call.opener(), call.memory()),
                subscription -> Reply.events(subscription, DeviceRoutes::write, call.memory()));
    }

    private static void write(DeviceUpdate update, EventWriter out) {
        Page page = update.page();
        if (page.reset()) {
            out.event("reset", Optional.empty());
        }
        page.entries()
                .forEach(item -> out.event("request", Optional.of(item.cursor()), json -> entry(item.request(), json)));
        if (update.complete()) {
            out.event("current", Optional.of(page.cursor()));
        }
    }

    private static void entry(Request request, JsonGenerator json) {
        if (request.open()) {
            RequestRoutes.item(request, json);
        } else {
            RequestRoutes.withdrawn(request, json);
        }
    }

    private static void write(Page inbox, JsonGenerator json) {
        json.writeStartObject().writeStartArray("requests");
        inbox.requests().forEach(request -> entry(request, json));
        json.writeEnd().write("cursor", inbox.cursor().toString());
        if (inbox.reset()) {
            json.write("reset", true);
        }
        json.writeEnd();
    }
}
