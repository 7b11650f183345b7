package dev.harp.message;

import dev.harp.json.JsonTree;
import java.util.List;
import java.util.Optional;

/**
 * J, what a device says about itself when it joins: all that the platform will ever trust of it.
 *
 * @param name what the person calls the device
 * @param x25519 its key for the key agreement of this pairing
 * @param ed25519 its key for signatures of this pairing
 * @param appOrigin where the app runs, if it runs in a browser; passkeys need one
 * @param passkeys 0 to 4
 * @param plaintext the exact bytes, with padding: digests are made of these
 */
public record Join(
        String name, Bytes x25519, Bytes ed25519, Optional<String> appOrigin, List<Passkey> passkeys, Bytes plaintext) {
    static final int MAX_PASSKEYS = 4;

    static Join create(String name, Bytes x25519, Bytes ed25519, Optional<String> appOrigin, List<Passkey> passkeys) {
        var json = JsonTree.object()
                .add("v", 1)
                .add("name", name)
                .add("x25519", x25519.base64())
                .add("ed25519", ed25519.base64())
                .add("app_origin", appOrigin)
                .add("passkeys", passkeys.stream().map(Passkey::toJson).toList())
                .build();
        return read(Padding.pad(json, Padding.JOIN));
    }

    static Join read(Bytes plaintext) {
        MemberReader members = new MemberReader(Padding.read(plaintext, Padding.JOIN), Reason.JOIN_MEMBER);
        members.unless(members.whole("v") == 1);
        String name = members.text("name");
        members.unless(Texts.isName(name));
        Bytes x25519 = members.bytes("x25519", Crypto.KEY_BYTES);
        Bytes ed25519 = members.bytes("ed25519", Crypto.KEY_BYTES);
        Optional<String> origin = members.optionalText("app_origin");
        Optional<WebAddress> address =
                origin.flatMap(WebAddress::parse).filter(a -> a.path().isEmpty());
        members.unless(origin.isEmpty() || address.isPresent());
        List<JsonTree> passkeys = members.items("passkeys");
        members.unless(passkeys.size() <= MAX_PASSKEYS);
        members.unless(
                passkeys.isEmpty() || address.filter(Join::mayHavePasskeys).isPresent());
        members.nothingElse();
        List<Passkey> keys = passkeys.stream().map(Passkey::read).toList();
        Refusal.unless(Crypto.isUsableEd25519(ed25519), Reason.WEAK_KEY);
        return new Join(name, x25519, ed25519, origin, keys, plaintext);
    }

    /** WebAuthn needs a secure context and a domain; a name ending in .local belongs to whoever answers first. */
    private static boolean mayHavePasskeys(WebAddress origin) {
        return origin.isSecure() && origin.isNamed() && !origin.host().endsWith(".local");
    }

    /** Whether the device can give this much assurance. */
    public boolean offers(Assurance assurance) {
        return switch (assurance) {
            case TAP -> true;
            case BIOMETRIC -> !passkeys.isEmpty();
            case ELEVATED -> passkeys.stream().anyMatch(passkey -> !passkey.backedUp());
        };
    }
}
