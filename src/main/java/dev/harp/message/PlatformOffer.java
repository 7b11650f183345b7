package dev.harp.message;

import java.security.SecureRandom;

/**
 * A platform that is about to pair: its hello is fixed, and nobody has been shown anything. It lives in memory only; a
 * platform that dies before the pairing is complete starts anew.
 *
 * <pre>{@code
 * var offer = PlatformOffer.create("deploy-bot", "build-7", random).orElseThrow();
 * // POST /v1/pairs with offer.secretHash() gives the pair id; show offer.link(...).format()
 * // once the pairing is active, with its payload:
 * PlatformHandshake handshake = offer.open(link, payload).orElseThrow();   // or give up
 * // submit handshake.sealHello(random) with a new request id and ttl 300; ask for the six digits
 * // handshake.isCheckCode(typed); wait for the answer to that request:
 * PlatformPairing pairing = handshake.complete(requestId, response).orElseThrow();
 * }</pre>
 *
 * @param secret S, 32 random bytes
 * @param x25519Secret the platform's own key, which never leaves it
 */
public record PlatformOffer(Bytes secret, Bytes x25519Secret, Hello hello) {

    /**
     * Draws the secret and the key.
     *
     * @param name what the person calls this platform; 1 to 64 bytes of UTF-8 without control characters
     * @param host the machine, in the same bounds
     * @return refused with {@code hello_member} if a name is out of its bounds
     */
    public static Checked<PlatformOffer> create(String name, String host, SecureRandom random) {
        return Checked.of(() -> {
            Refusal.unless(Texts.isName(name) && Texts.isName(host), Reason.HELLO_MEMBER);
            Bytes secret = Crypto.random(random, Crypto.KEY_BYTES);
            Crypto.KeyPair keys = Crypto.newX25519(random);
            return new PlatformOffer(secret, keys.secret(), Hello.create(name, host, keys.publicKey()));
        });
    }

    /** What the relay is told of the secret: its SHA-256 in lower-case hex digits. */
    public String secretHash() {
        return Secrets.hash(secret);
    }

    /**
     * The link to show.
     *
     * @param pairId the relay's
     * @param relay the relay's address as devices see it
     * @param page the app's address, which ends in a slash
     * @return refused with {@code link_relay} or {@code link_form} if an address is not in its form
     */
    public Checked<PairingLink> link(String pairId, String relay, String page) {
        return Checked.of(() -> {
            Refusal.unless(WebAddress.parse(relay).isPresent(), Reason.LINK_RELAY);
            Refusal.unless(Texts.isPairId(pairId), Reason.LINK_FIELD);
            PairingLink link = new PairingLink(page, relay, pairId, secret, Hello.commitment(hello.plaintext()));
            // A device would refuse any other. Whether http is wanted has been settled by the caller.
            Checked<PairingLink> read = PairingLink.parse(link.format(), PairingLink.Http.ALLOWED);
            Refusal.unless(read.equals(new Checked.Ok<>(link)), Reason.LINK_FORM);
            return link;
        });
    }

    /**
     * Opens the payload of the device that has bound itself. If it does not open, somebody who has not seen the link
     * has joined: revoke.
     *
     * @param payload base64url of a nonce and the sealed join
     */
    public Checked<PlatformHandshake> open(PairingLink link, String payload) {
        return Checked.of(() -> {
            PairingSecrets secrets = PairingSecrets.of(link);
            Join join = Join.read(Secrets.openPayload(secrets.joinKey(), payload));
            PairingKeys keys = PairingKeys.derive(link, join, hello, x25519Secret, join.x25519());
            return new PlatformHandshake(link, join, hello, secrets, keys);
        });
    }
}
