package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * A device that joins, from the tap on until the relay has its confirmation; 600 s at most. A retry sends the same
 * payload, also after a restart. Of a join that has failed nothing is kept.
 *
 * <pre>{@code
 * PairingLink link = PairingLink.parse(text, LOOPBACK_ONLY).orElseThrow();
 * // refuse if a pairing with link.relay() and link.pairId() is known; ask the person; then
 * DeviceJoin join = DeviceJoin.begin(link, "Ann's phone", Optional.empty(), List.of(), random).orElseThrow();
 * // bind with join.secretHash() and join.payload(); try every request of the pairing until one opens:
 * DeviceHandshake handshake = join.open(requestId, envelope).orElseThrow();
 * // show handshake.checkCode(); after the person's tap:
 * DeviceHandshake.Confirmed confirmed = handshake.confirm(now, random);
 * // store confirmed.pairing() and confirmed.log(), then send confirmed.response()
 * }</pre>
 *
 * @param x25519Secret fresh for this pairing
 * @param ed25519Seed fresh for this pairing
 * @param payload for the binding call: base64url of a nonce and the sealed join
 */
public record DeviceJoin(PairingLink link, Bytes x25519Secret, Bytes ed25519Seed, Join join, String payload) {
    /** How long a join is kept, in seconds. */
    public static final int MAX_AGE = 600;

    /**
     * Makes fresh keys and seals the join.
     *
     * @param name what the person calls the device; 1 to 64 bytes of UTF-8 without control characters
     * @param appOrigin the origin of the app's page, if it runs in a browser
     * @param passkeys 0 to 4; they need an origin that is a domain, not ending in {@code .local}, by {@code https} or
     *     on this machine
     * @return refused with {@code join_member} or {@code passkey_key} if a part is out of its bounds
     */
    public static Checked<DeviceJoin> begin(
            PairingLink link, String name, Optional<String> appOrigin, List<Passkey> passkeys, SecureRandom random) {
        return Checked.of(() -> {
            Refusal.unless(Texts.isName(name), Reason.JOIN_MEMBER);
            Crypto.KeyPair agreement = Crypto.newX25519(random);
            Crypto.KeyPair signing = Crypto.newEd25519(random);
            Join join = Join.create(name, agreement.publicKey(), signing.publicKey(), appOrigin, passkeys);
            String payload = Secrets.sealPayload(PairingSecrets.of(link).joinKey(), join.plaintext(), random);
            return new DeviceJoin(link, agreement.secret(), signing.secret(), join, payload);
        });
    }

    /** What binding asks for: the SHA-256 of the secret in lower-case hex digits. */
    public String secretHash() {
        return Secrets.hash(link.secret());
    }

    /**
     * Opens a request of the pairing as the hello. Until this succeeds no other key is tried on anything.
     *
     * @param requestId the envelope's
     * @return refused with {@code commitment} if the hello is not the one that the link promised: somebody has changed
     *     it on the way
     */
    public Checked<DeviceHandshake> open(String requestId, Envelope envelope) {
        return Checked.of(() -> {
            Bytes plaintext = envelope.open(PairingSecrets.of(link).helloKey());
            Refusal.unless(Hello.commitment(plaintext).equals(link.commitment()), Reason.COMMITMENT);
            Hello hello = Hello.read(plaintext);
            PairingKeys keys = PairingKeys.derive(link, join, hello, x25519Secret, hello.x25519());
            return new DeviceHandshake(this, requestId, hello, keys);
        });
    }

    /** With every secret of the join: for the device's own store. */
    public Members toJson() {
        return JsonTree.object()
                .add("v", 1)
                .add("link", link.format())
                .add("x25519_secret", x25519Secret.base64())
                .add("ed25519_seed", ed25519Seed.base64())
                .add("join", join.plaintext().base64())
                .add("payload", payload)
                .build();
    }

    /** Reads what {@link #toJson} wrote. */
    public static Checked<DeviceJoin> fromJson(Members members) {
        return Checked.of(() -> {
            MemberReader json = new MemberReader(members, Reason.JSON_FORM);
            json.unless(json.whole("v") == 1);
            PairingLink link = switch (PairingLink.parse(json.text("link"), PairingLink.Http.ALLOWED)) {
                case Checked.Ok<PairingLink>(PairingLink value) -> value;
                case Checked.Refused<PairingLink>(Reason reason) -> throw new Refusal(reason);
            };
            DeviceJoin join = new DeviceJoin(
                    link,
                    json.bytes("x25519_secret", Crypto.KEY_BYTES),
                    json.bytes("ed25519_seed", Crypto.KEY_BYTES),
                    Join.read(json.bytes("join")),
                    json.text("payload"));
            json.nothingElse();
            return join;
        });
    }
}
