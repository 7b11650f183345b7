package dev.harp.relay.crash;

import dev.harp.relay.crash.PatientClient.Reply;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/**
 * What platforms and phones do, each act sent until it is answered, and what its answer claims written into the ledger.
 */
final class Acts {
    private static final Duration WAIT = Duration.ofSeconds(20);
    private static final int LONGEST_TEXT = 1500;
    private static final int PAIRING_TTL = 600;
    private static final String WRONG = "A".repeat(43);

    private final PatientClient client;
    private final ClientLedger lifecycle;
    private final RandomGenerator random;

    /** What a phone was told by its list. */
    record Inbox(List<Asked> open, String cursor) {}

    Acts(PatientClient client, ClientLedger lifecycle, RandomGenerator random) {
        this.client = client;
        this.lifecycle = lifecycle;
        this.random = random;
    }

    // --- phones and pairings

    Phone register() throws IOException, InterruptedException {
        JsonObject push = Json.createObjectBuilder().add("push_token", text(32)).build();
        Reply reply = client.send("POST", "/v1/devices", PatientClient.NO_TOKEN, push);
        Phone phone = new Phone(reply.text("device_id"), reply.text("device_token"));
        expect("register", reply, 201);
        lifecycle.claim(phone, new Claim.Registered());
        return phone;
    }

    /** A pairing that the phone has joined. */
    Pair pair(Phone phone) throws IOException, InterruptedException, Forgotten {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        String secretHash = HexFormat.of().formatHex(hash);
        JsonObject opening = Json.createObjectBuilder()
                .add("secret_hash", secretHash)
                .add("ttl", PAIRING_TTL)
                .build();
        Reply opened = client.send("POST", "/v1/pairs", PatientClient.NO_TOKEN, opening);
        expect("open", opened, 201);
        Pair pair = new Pair(
                opened.text("pair_id"),
                opened.text("platform_token"),
                phone,
                secretHash,
                text(64),
                new AtomicBoolean());
        lifecycle.claim(pair, new Claim.Opened());
        JsonObject joining = Json.createObjectBuilder()
                .add("secret_hash", secretHash)
                .add("payload", pair.payload())
                .build();
        Reply joined = client.send("PUT", "/v1/pairs/" + pair.id() + "/device", phone.token(), joining);
        if (joined.is(403)) {
            throw forgotten("the opened pairing " + pair.id(), joined);
        }
        if (known("the phone that joins " + pair.id(), joined) && expect("join " + pair.id(), joined, 200)) {
            lifecycle.claim(pair, new Claim.Joined());
        }
        return pair;
    }

    void revoke(Pair pair, boolean byPhone) throws IOException, InterruptedException, Forgotten {
        pair.revoking().set(true);
        Reply reply =
                client.delete("/v1/pairs/" + pair.id(), byPhone ? pair.phone().token() : pair.token());
        if (known("the pairing " + pair.id(), reply)
                && (reply.is(410, "pair_revoked") || expect("revoke " + pair.id(), reply, 204))) {
            lifecycle.claim(pair, new Claim.Revoked());
        }
    }

    // --- the platform

    /** A request that is not sent yet. */
    Asked asking(Pair pair, int ttl, boolean ignored) {
        return lifecycle.asking(pair, text(24), text(1 + random.nextInt(LONGEST_TEXT)), ttl, ignored);
    }

    void submit(Asked asked) throws IOException, InterruptedException, Forgotten {
        Reply reply = client.send("POST", "/v1/requests", asked.pair().token(), asked.submission());
        if (known("the pairing of " + asked, reply) && (reply.is(200) || expect("submit " + asked, reply, 201))) {
            lifecycle.claim(asked, new Claim.Taken(reply.body().getInt("expires_at")));
        }
    }

    /** What was taken is known: the same again changes nothing, and another envelope is refused. */
    void submitAgain(Asked asked) throws IOException, InterruptedException, Forgotten {
        Reply same = client.send("POST", "/v1/requests", asked.pair().token(), asked.submission());
        if (known("the pairing of " + asked, same) && expect("submit again " + asked, same, 200)) {
            lifecycle.claim(asked, new Claim.Taken(same.body().getInt("expires_at")));
        }
        JsonObject other = asked.submission(text(40));
        Reply refused = client.send("POST", "/v1/requests", asked.pair().token(), other);
        if (known("the pairing of " + asked, refused)) {
            expect("submit another as " + asked, refused, 409);
        }
    }

    void cancel(Asked asked) throws IOException, InterruptedException, Forgotten {
        asked.withdrawing();
        Reply reply = client.delete(asked.path(), asked.pair().token());
        if (known(asked.toString(), reply)
                && !reply.is(409, "already_decided")
                && expect("cancel " + asked, reply, 204)) {
            lifecycle.claim(asked, new Claim.Ended("cancelled"));
        }
    }

    /** Waits for the end; the state. */
    String awaitEnd(Asked asked) throws IOException, InterruptedException, Forgotten {
        while (true) {
            Reply reply = client.poll(asked.path(), asked.pair().token(), WAIT);
            if (!known(asked.toString(), reply) || !expect("read " + asked, reply, 200)) {
                return reply.kind();
            }
            String state = reply.text("state");
            switch (state) {
                case "pending", "delivered" -> {
                    if (reply.body().containsKey("delivered_at")) {
                        lifecycle.claim(asked, new Claim.Delivered());
                    }
                }
                default -> {
                    lifecycle.claim(asked, new Claim.Seen(reply.body()));
                    return state;
                }
            }
        }
    }

    // --- the phone

    /** What is open, or with a cursor what is new; waits for it, and has perhaps nothing. */
    Inbox list(Phone phone, Optional<String> cursor, Duration wait)
            throws IOException, InterruptedException, Forgotten {
        long begin = System.nanoTime();
        String path = "/v1/devices/" + phone.id() + "/requests";
        Reply reply = client.poll(cursor.map(after -> path + "?after=" + after).orElse(path), phone.token(), wait);
        List<Asked> open = new ArrayList<>();
        if (!known("the phone " + phone.id(), reply) || !expect("list " + phone.id(), reply, 200)) {
            return new Inbox(open, cursor.orElse(""));
        }
        if (reply.body().getBoolean("reset", false)) {
            client.tally().count("reset");
        }
        for (JsonValue each : reply.body().getJsonArray("requests")) {
            JsonObject item = each.asJsonObject();
            Optional<Asked> asked = lifecycle.asked(item.getString("request_id"));
            if (asked.isEmpty()) {
                lifecycle.contradicted("nobody has asked " + item);
            } else if (item.getString("state").equals("cancelled")) {
                lifecycle.claim(asked.get(), new Claim.Ended("cancelled"));
            } else {
                listed(asked.get(), item, begin);
                open.add(asked.get());
            }
        }
        return new Inbox(open, reply.text("cursor"));
    }

    private void listed(Asked asked, JsonObject item, long begin) {
        if (!asked.hasEnvelope(item) || !item.getString("state").equals("delivered")) {
            lifecycle.contradicted(asked + " is listed otherwise: " + item);
        }
        if (asked.wasOverAt(begin)) {
            lifecycle.contradicted(asked + " was over, and is listed as open");
        }
        lifecycle.claim(asked, new Claim.Delivered());
    }

    /** A response of the phone's person, signed and sealed. */
    Claim.Response answer() {
        return new Claim.Response(text(24), text(1 + random.nextInt(LONGEST_TEXT)), text(64));
    }

    void respond(Asked asked, Claim.Response response) throws IOException, InterruptedException, Forgotten {
        asked.attempting(response);
        Reply reply = put(asked, response, asked.pair().phone().token());
        if (!known(asked.toString(), reply)) {
            return;
        }
        if (reply.is(410, "request_expired")) {
            lifecycle.claim(asked, new Claim.Ended("expired"));
        } else if (reply.is(410, "request_cancelled")) {
            lifecycle.claim(asked, new Claim.Ended("cancelled"));
        } else if (expect("respond to " + asked, reply, 200)) {
            lifecycle.claim(asked, new Claim.Responded(response));
        }
    }

    /** After a response was taken, another one is refused, whoever asks for it. */
    void respondOtherwise(Asked asked) throws IOException, InterruptedException, Forgotten {
        Claim.Response other = answer();
        Reply reply = put(asked, other, asked.pair().phone().token());
        if (known(asked.toString(), reply) && !reply.is(410)) {
            expect("respond otherwise to " + asked, reply, 409);
        }
    }

    /** With tokens that nobody was given: nothing happens. */
    void intrude(Asked asked) throws IOException, InterruptedException {
        expect("respond as a stranger to " + asked, put(asked, answer(), "hdt_" + WRONG), 401);
        expect("read as a stranger " + asked, client.get(asked.path(), "hpt_" + WRONG), 401);
        expect("cancel as a stranger " + asked, client.delete(asked.path(), "hpt_" + WRONG), 401);
    }

    private Reply put(Asked asked, Claim.Response response, String token) throws IOException, InterruptedException {
        JsonObjectBuilder body = Json.createObjectBuilder()
                .add("nonce", response.nonce())
                .add("ciphertext", response.ciphertext())
                .add("signature", response.signature());
        return client.send("PUT", asked.path() + "/response", token, body.build());
    }

    // --- what answers mean

    private boolean known(String what, Reply reply) throws Forgotten {
        if (reply.is(401)) {
            throw forgotten(what, reply);
        }
        return true;
    }

    private Forgotten forgotten(String what, Reply reply) {
        String line = what + " is not known any more: " + reply.kind();
        lifecycle.missing(line);
        return new Forgotten(line);
    }

    /** Anything else is what no relay may answer to this client. */
    private boolean expect(String act, Reply reply, int wanted) {
        boolean as = reply.is(wanted);
        if (!as) {
            lifecycle.contradicted(act + ": " + reply);
        }
        return as;
    }

    /** Text that is opaque to the relay: base64url, of so many bytes. */
    private String text(int bytes) {
        byte[] some = new byte[bytes];
        random.nextBytes(some);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(some);
    }
}
