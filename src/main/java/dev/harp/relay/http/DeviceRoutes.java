package dev.harp.relay.http;

import dev.harp.relay.service.Caller;
import dev.harp.relay.service.Devices;
import io.helidon.http.Method;
import io.helidon.http.Status;
import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.util.Map;

/** {@code /v1/devices} ({@code docs/protocol.md}, sections 5 and 6). */
final class DeviceRoutes {
    private final Devices devices;
    private final Duration maxWait;

    DeviceRoutes(Devices devices, Duration maxWait) {
        this.devices = devices;
        this.maxWait = maxWait;
    }

    void addTo(Router router) {
        router.add("/v1/devices", Map.of(Method.POST, this::register));
        router.add("/v1/devices/{id}", Map.of(Method.PATCH, this::reachAt, Method.DELETE, this::remove));
        router.add("/v1/devices/{id}/requests", Map.of(Method.GET, this::inbox));
    }

    private Reply register(Call call) {
        return Reply.of(
                devices.register(call.body().pushToken()),
                registered -> Reply.json(
                        Status.CREATED_201,
                        json -> json.writeStartObject()
                                .write("device_id", registered.device().id().value())
                                .write("device_token", registered.token().value())
                                .writeEnd()));
    }

    private Reply reachAt(Call call) {
        Caller caller = call.caller();
        return Reply.of(
                devices.reachAt(caller, call.deviceId(), call.body().requiredPushToken()),
                id -> Reply.ok(json ->
                        json.writeStartObject().write("device_id", id.value()).writeEnd()));
    }

    private Reply remove(Call call) {
        return Reply.of(devices.remove(call.caller(), call.deviceId()), _ -> Reply.noContent());
    }

    private Reply inbox(Call call) {
        Caller caller = call.caller();
        return Reply.of(
                devices.inbox(caller, call.deviceId(), call.after(), call.wait(maxWait)),
                inbox -> Reply.streamed(json -> write(inbox, json)));
    }

    private static void write(Devices.Inbox inbox, JsonGenerator json) {
        json.writeStartObject().writeStartArray("requests");
        inbox.requests().forEach(request -> {
            if (request.open()) {
                RequestRoutes.item(request, json);
            } else {
                RequestRoutes.withdrawn(request, json);
            }
        });
        json.writeEnd().write("cursor", inbox.cursor().toString());
        if (inbox.reset()) {
            json.write("reset", true);
        }
        json.writeEnd();
    }
}
