package dev.harp.message;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Flag;
import dev.harp.json.JsonTree.Members;
import java.util.List;

/**
 * What a passkey signed beside the answer (WebAuthn, AuthenticatorAssertionResponse).
 *
 * @param data {@code authenticatorData}
 * @param client {@code clientDataJSON}
 * @param signature over {@code data} and the SHA-256 of {@code client}
 */
public record Assertion(Bytes data, Bytes client, Bytes signature) {
    private static final int DATA_BYTES = 37; // at least: hash, flags, counter
    private static final int HASH_BYTES = 32;
    private static final int USER_PRESENT = 0x01;
    private static final int USER_VERIFIED = 0x04;
    private static final int BACKUP_ELIGIBLE = 0x08;

    Members toJson() {
        return JsonTree.object()
                .add("data", data.base64())
                .add("client", client.base64())
                .add("signature", signature.base64())
                .build();
    }

    static Assertion read(MemberReader json) {
        Assertion assertion = new Assertion(json.bytes("data"), json.bytes("client"), json.bytes("signature"));
        json.nothingElse();
        return assertion;
    }

    /**
     * The assurance that the assertion adds to the answer with this challenge. Refused with {@code passkey_client},
     * {@code passkey_data}, {@code passkey_signature} or {@code passkey_backup}, in this order.
     */
    Assurance verify(Join join, Bytes challenge) {
        String origin = join.appOrigin().orElseThrow(() -> new Refusal(Reason.PASSKEY_CLIENT));
        Refusal.unless(isClientDataFor(origin, challenge), Reason.PASSKEY_CLIENT);
        Refusal.unless(data.length() >= DATA_BYTES, Reason.PASSKEY_DATA);
        String host = WebAddress.parse(origin).orElseThrow().host();
        int flags = data.at(HASH_BYTES);
        Refusal.unless(
                data.slice(0, HASH_BYTES).equals(Crypto.sha256(Bytes.utf8(host)))
                        && (flags & USER_PRESENT) != 0
                        && (flags & USER_VERIFIED) != 0,
                Reason.PASSKEY_DATA);
        Bytes signed = Bytes.concat(data, Crypto.sha256(client));
        List<Passkey> signers = join.passkeys().stream()
                .filter(passkey -> passkey.verifies(signed, signature))
                .toList();
        Refusal.unless(!signers.isEmpty(), Reason.PASSKEY_SIGNATURE);
        boolean eligible = (flags & BACKUP_ELIGIBLE) != 0;
        Refusal.unless(signers.stream().allMatch(signer -> signer.backedUp() == eligible), Reason.PASSKEY_BACKUP);
        return eligible ? Assurance.BIOMETRIC : Assurance.ELEVATED;
    }

    private boolean isClientDataFor(String origin, Bytes challenge) {
        return ExactJson.readAny(client.toByteArray())
                .filter(json -> json.text("type").filter("webauthn.get"::equals).isPresent()
                        && json.text("challenge")
                                .filter(challenge.base64()::equals)
                                .isPresent()
                        && json.text("origin").filter(origin::equals).isPresent()
                        && json.get("crossOrigin")
                                .filter(value -> !value.equals(new Flag(false)))
                                .isEmpty())
                .isPresent();
    }
}
