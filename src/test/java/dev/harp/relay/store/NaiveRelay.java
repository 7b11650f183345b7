package dev.harp.relay.store;

import dev.harp.relay.store.NaiveRecords.Device;
import dev.harp.relay.store.NaiveRecords.Pairing;
import dev.harp.relay.store.NaiveRecords.Request;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A second implementation of the protocol, written from {@code docs/protocol.md} alone and as simply as possible:
 * lists, loops, and texts for results. It shares nothing with the relay. Times are in milliseconds.
 */
@SuppressWarnings("RefactorSwitch") // it is to read like the protocol, not like the relay
final class NaiveRelay {
    private static final long RETENTION = 300_000;
    private static final long WINDOW = 300_000;
    private static final long CLOCKS_APART = 5_000;
    private static final int MAX_OPEN = 5;
    private static final long DAY = 86_400_000;

    /**
     * What a device is shown.
     *
     * @param full the full items, in order
     * @param cancelled the short items, sorted
     * @param reset whether the list starts anew
     * @param end where it ends
     */
    record Shown(List<String> full, List<String> cancelled, boolean reset, long end) {}

    private final List<Pairing> pairings = new ArrayList<>();
    private final List<Device> devices = new ArrayList<>();
    private final List<Request> requests = new ArrayList<>();
    private final List<String> forgottenCancellations = new ArrayList<>();
    private long now;
    private long changes;

    NaiveRelay(long now) {
        this.now = now;
    }

    /** Section 7.9: the time is checked at every call. */
    void clock(long time) {
        now = time;
        for (Pairing pairing : pairings) {
            if (pairing.state.equals("pending") && now >= pairing.expiresAt) {
                pairing.state = "ended";
                pairing.endedAt = pairing.expiresAt;
            }
        }
        for (Request request : requests) {
            if (request.open() && now >= request.expiresAt) {
                request.end = "expired";
            }
        }
    }

    // --- section 4

    void opened(String id, String secret, long ttl) {
        Pairing pairing = new Pairing();
        pairing.id = id;
        pairing.secret = secret;
        pairing.expiresAt = now + ttl;
        pairings.add(pairing);
    }

    String readPairing(String id) {
        Optional<Pairing> known = pairing(id);
        if (known.isEmpty()) {
            return "unauthorized";
        }
        Pairing pairing = known.get();
        return switch (pairing.state) {
            case "pending" -> "pending " + pairing.expiresAt;
            case "active" -> "active " + pairing.device + " " + pairing.payload + " " + pairing.pairedAt;
            case "ended" -> "pairing_expired";
            default -> "pair_revoked";
        };
    }

    String join(String deviceId, String id, String secret, String payload) {
        Optional<Device> device = device(deviceId);
        if (device.isEmpty()) {
            return "unauthorized";
        }
        Optional<Pairing> known = pairing(id);
        if (known.isEmpty()) {
            return "wrong_secret";
        }
        Pairing pairing = known.get();
        if (!pairing.secret.equals(secret)) {
            if (pairing.state.equals("pending") && ++pairing.wrong == 5) {
                pairing.state = "ended";
                pairing.endedAt = now;
            }
            return "wrong_secret";
        }
        switch (pairing.state) {
            case "pending" -> {
                pairing.state = "active";
                pairing.device = deviceId;
                pairing.payload = payload;
                pairing.pairedAt = now;
                device.get().bound = true;
                return "active " + now;
            }
            case "active" -> {
                return pairing.device.equals(deviceId) && pairing.payload.equals(payload)
                        ? "active " + pairing.pairedAt
                        : "already_paired";
            }
            case "ended" -> {
                return "pairing_expired";
            }
            default -> {
                return "pair_revoked";
            }
        }
    }

    String rotateAsPlatform(String id) {
        String read = readPairing(id);
        return read.startsWith("pending") || read.startsWith("active") ? "ok" : read;
    }

    String revokeAsPlatform(String id) {
        return pairing(id).map(this::revoke).orElse("unauthorized");
    }

    String revokeAsDevice(String deviceId, String id) {
        if (device(deviceId).isEmpty()) {
            return "unauthorized";
        }
        return pairing(id)
                .filter(pairing -> pairing.device.equals(deviceId))
                .map(this::revoke)
                .orElse("unauthorized");
    }

    private String revoke(Pairing pairing) {
        if (pairing.state.equals("ended")) {
            return "pairing_expired";
        }
        if (pairing.state.equals("revoked")) {
            return "pair_revoked";
        }
        pairing.state = "revoked";
        pairing.endedAt = now;
        device(pairing.device).ifPresent(device -> device.lastRevoked = now);
        requests.stream()
                .filter(request -> request.pairing == pairing && request.open())
                .forEach(this::cancelNow);
        return "revoked";
    }

    private void cancelNow(Request request) {
        request.end = "cancelled";
        request.endedAt = now;
        request.change = ++changes;
    }

    // --- section 5

    void registered(String id) {
        Device device = new Device();
        device.id = id;
        device.createdAt = now;
        devices.add(device);
    }

    String remove(String deviceId) {
        if (device(deviceId).isEmpty()) {
            return "unauthorized";
        }
        pairings.stream()
                .filter(pairing -> pairing.device.equals(deviceId) && pairing.state.equals("active"))
                .toList()
                .forEach(this::revoke);
        devices.removeIf(device -> device.id.equals(deviceId));
        return "removed";
    }

    boolean knowsDevice(String id) {
        return device(id).isPresent();
    }

    // --- section 7

    String submit(String pairId, String id, long idTime, String envelope, long ttl) {
        Optional<Pairing> known = pairing(pairId);
        if (known.isEmpty()) {
            return "unauthorized";
        }
        Pairing pairing = known.get();
        switch (pairing.state) {
            case "revoked" -> {
                return "pair_revoked";
            }
            case "ended" -> {
                return "pairing_expired";
            }
            case "pending" -> {
                return "not_paired";
            }
            default -> {}
        }
        Optional<Request> same = request(pairing, id);
        if (same.isPresent()) {
            return same.get().envelope.equals(envelope)
                    ? "again " + same.get().state() + " " + same.get().expiresAt
                    : "duplicate_request";
        }
        if (Math.abs(now - idTime) > WINDOW) {
            return "stale_request_id";
        }
        if (requests.stream()
                        .filter(one -> one.pairing == pairing && one.open())
                        .count()
                >= MAX_OPEN) {
            return "too_many_open_requests";
        }
        Request request = new Request();
        request.pairing = pairing;
        request.id = id;
        request.idTime = idTime;
        request.envelope = envelope;
        request.createdAt = now;
        request.expiresAt = now + ttl;
        request.change = ++changes;
        requests.add(request);
        return "new pending " + request.expiresAt;
    }

    String readAsPlatform(String pairId, String id) {
        return pairing(pairId)
                .flatMap(pairing -> request(pairing, id))
                .map(request -> {
                    if (request.end.equals("responded")) {
                        request.fetchedAt = Math.min(request.fetchedAt, now);
                    }
                    return request.state() + " " + request.createdAt + " " + request.expiresAt + " " + request.answer;
                })
                .orElse("unauthorized");
    }

    String readAsDevice(String deviceId, String id) {
        Optional<Request> request = requestOf(deviceId, id);
        if (request.isEmpty()) {
            return "unauthorized";
        }
        request.get().delivered |= request.get().open();
        return request.get().state() + " " + request.get().pairing.id + " "
                + (request.get().open() ? request.get().envelope : "");
    }

    String respond(String deviceId, String id, String answer) {
        Optional<Request> found = requestOf(deviceId, id);
        if (found.isEmpty()) {
            return "unauthorized";
        }
        Request request = found.get();
        return switch (request.state()) {
            case "responded" -> request.answer.equals(answer) ? "responded" : "already_responded";
            case "expired" -> "request_expired";
            case "cancelled" -> "request_cancelled";
            default -> {
                request.end = "responded";
                request.answer = answer;
                yield "responded";
            }
        };
    }

    String cancel(String pairId, String id) {
        Optional<Request> request = pairing(pairId).flatMap(pairing -> request(pairing, id));
        if (request.isEmpty()) {
            return "unauthorized";
        }
        if (!request.get().open()) {
            return "already_decided";
        }
        cancelNow(request.get());
        return "cancelled";
    }

    // --- section 6: small lists only, so nothing is cut

    Optional<Shown> list(String deviceId, Optional<Long> after) {
        if (device(deviceId).isEmpty()) {
            return Optional.empty();
        }
        boolean reset = after.isPresent()
                && forgottenCancellations.stream()
                        .anyMatch(text -> text.startsWith(deviceId + " ")
                                && Long.parseLong(text.substring(deviceId.length() + 1)) > after.get());
        long past = reset ? 0 : after.orElse(0L);
        boolean cancelledToo = after.isPresent() && !reset;
        List<Request> changed = requests.stream()
                .filter(request -> request.pairing.device.equals(deviceId) && request.change > past)
                .sorted(Comparator.comparingLong(request -> request.change))
                .toList();
        List<String> full = new ArrayList<>();
        List<String> cancelled = new ArrayList<>();
        for (Request request : changed) {
            if (request.open()) {
                request.delivered = true;
                full.add(request.pairing.id + " " + request.id + " " + request.state());
            } else if (cancelledToo && request.end.equals("cancelled")) {
                cancelled.add(request.pairing.id + " " + request.id);
            }
        }
        cancelled.sort(Comparator.naturalOrder());
        return Optional.of(new Shown(full, cancelled, reset, changes));
    }

    // --- sections 4.5, 5.4, 7.10

    /**
     * Removes what has ended. The protocol gives a minimum for how long a formerly paired device is kept, and no
     * maximum, so the relay is asked about those.
     */
    void forget(Predicate<String> relayKnowsDevice) {
        pairings.removeIf(pairing -> {
            boolean over = (pairing.state.equals("ended") || pairing.state.equals("revoked"))
                    && now >= pairing.endedAt + RETENTION;
            if (over) {
                forgetRequests(request -> request.pairing == pairing);
            }
            return over;
        });
        forgetRequests(request -> !request.open()
                && now
                        >= Math.max(
                                Math.min(
                                                request.fetchedAt,
                                                request.end.equals("cancelled") ? request.endedAt : request.expiresAt)
                                        + RETENTION,
                                request.idTime + WINDOW + CLOCKS_APART));
        devices.removeIf(device -> device.bound
                ? pairings.stream().noneMatch(one -> one.device.equals(device.id) && one.state.equals("active"))
                        && now >= device.lastRevoked + DAY
                        && !relayKnowsDevice.test(device.id)
                : now >= device.createdAt + 600_000);
    }

    private void forgetRequests(Predicate<Request> which) {
        requests.removeIf(request -> {
            if (!which.test(request)) {
                return false;
            }
            if (request.end.equals("cancelled")) {
                forgottenCancellations.add(request.pairing.device + " " + request.change);
            }
            return true;
        });
    }

    // --- how much there is

    String levels() {
        long open = requests.stream().filter(Request::open).count();
        return pairings.size() + " pairings, " + devices.size() + " devices, " + open + " open, "
                + (requests.size() - open) + " ended";
    }

    private Optional<Pairing> pairing(String id) {
        return pairings.stream().filter(one -> one.id.equals(id)).findFirst();
    }

    private Optional<Device> device(String id) {
        return devices.stream().filter(one -> one.id.equals(id)).findFirst();
    }

    private Optional<Request> request(Pairing pairing, String id) {
        return requests.stream()
                .filter(one -> Objects.equals(one.pairing, pairing) && one.id.equals(id))
                .findFirst();
    }

    /** Section 7.3: of several requests with one id, the first that was submitted. */
    private Optional<Request> requestOf(String deviceId, String id) {
        return device(deviceId)
                .flatMap(_ -> requests.stream()
                        .filter(one -> one.pairing.device.equals(deviceId) && one.id.equals(id))
                        .findFirst());
    }
}
