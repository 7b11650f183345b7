package dev.harp.relay.doctor;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the doctor opens at the relay: pairings and a device. It removes them, and says what it could not remove. */
final class Records {
    private static final String PAIRS = "/v1/pairs";
    private static final String DEVICES = "/v1/devices";

    private final Site site;
    private final List<Opened> open = new ArrayList<>();
    private int removed;
    private boolean keyWithheld;

    Records(Site site) {
        this.site = site;
    }

    /**
     * A pairing or a device.
     *
     * @param secretHash of a pairing, what binds a device to it; otherwise empty
     */
    record Opened(String path, String id, Map<String, String> bearer, String secretHash) {}

    /** Whether the registration key was not sent, because others could have read it. */
    boolean keyWithheld() {
        return keyWithheld;
    }

    /**
     * Opens a pairing.
     *
     * @param bytes the least size of the body
     * @param ttl in seconds
     */
    Answer openPairing(int bytes, long ttl) throws Failed {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        String hash = HexFormat.of().formatHex(sha256(secret));
        String start = "{\"secret_hash\":\"" + hash + "\",\"ttl\":" + ttl + ",\"ignored\":\"";
        String body = start + "x".repeat(Math.max(0, bytes - start.length() - 2)) + "\"}";
        try (Connection connection = Connection.open(site)) {
            keyWithheld = site.key().isPresent() && !connection.isPrivate();
            Map<String, String> key =
                    site.key().filter(_ -> !keyWithheld).map(Site::bearer).orElse(Map.of());
            RelayAnswer answer = connection.ask(Site.request("POST", PAIRS, key, body), site.patience());
            return new Answer(
                    answer,
                    kept(
                            answer,
                            PAIRS,
                            "pair_id",
                            "pair_[0-9a-f]{12}",
                            "platform_token",
                            "hpt_[A-Za-z0-9_-]{43}",
                            hash));
        }
    }

    /** Registers a device. */
    Answer registerDevice() throws Failed {
        RelayAnswer answer = site.call(Site.request("POST", DEVICES, Map.of(), "{}"));
        return new Answer(
                answer,
                kept(answer, DEVICES, "device_id", "dev_[0-9a-f]{12}", "device_token", "hdt_[A-Za-z0-9_-]{43}", ""));
    }

    /**
     * An answer to what opens something.
     *
     * @param opened empty if the answer does not say so
     */
    record Answer(RelayAnswer answer, Optional<Opened> opened) {
        /** What was opened. */
        Opened get() throws Failed {
            var _ = answer.is(201);
            return opened.orElseThrow(
                    () -> new Failed(Failed.Kind.UNEXPECTED, "no relay's answer to the opening of a pairing"));
        }
    }

    private Optional<Opened> kept(
            RelayAnswer answer, String path, String id, String idForm, String token, String tokenForm, String hash) {
        Optional<Opened> opened = answer.text(id, idForm)
                .flatMap(name -> answer.text(token, tokenForm)
                        .map(credential -> new Opened(path + "/" + name, name, Site.bearer(credential), hash)));
        opened.ifPresent(open::add);
        return opened;
    }

    /** Removes what was opened; what cannot be removed now is tried again at the end. */
    void remove(Opened opened) {
        String _ = removal(site, opened);
    }

    /** Removes what is left, and tells what remains: also when nothing else could be checked any more. */
    Finding removal() {
        Site late = site.longer();
        List<String> left = new ArrayList<>();
        for (Opened each : List.copyOf(open).reversed()) {
            String fault = removal(late, each);
            if (!fault.isEmpty()) {
                left.add(each.id() + " (" + fault + ")");
            }
        }
        if (left.isEmpty()) {
            return removed == 0
                    ? Finding.skip("nothing was opened")
                    : Finding.ok(removed + " pairings and devices, which were opened for this, are removed");
        }
        return Finding.warn("not removed: " + String.join(", ", left)
                + "; by the operator: harp-relay admin revoke PAIR, harp-relay admin remove DEVICE. A pairing without"
                + " device expires by itself, and so does a device without pairing");
    }

    /** Empty if it is removed, or has gone already; otherwise why not. */
    private String removal(Site site, Opened opened) {
        try {
            RelayAnswer answer = site.call(Site.request("DELETE", opened.path(), opened.bearer(), ""));
            if (answer.status() == 204
                    || answer.code().equals("pair_revoked")
                    || answer.code().equals("pairing_expired")) {
                open.remove(opened);
                removed++;
                return "";
            }
            return Integer.toString(answer.status());
        } catch (Failed e) {
            return e.kind() == Failed.Kind.NOT_CONNECTED ? "no connection" : e.words();
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JDK has SHA-256", e);
        }
    }
}
