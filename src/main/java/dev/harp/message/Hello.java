package dev.harp.message;

import dev.harp.json.JsonTree;

/**
 * H, what a platform says about itself. It is fixed before the link is shown, and sent after the join has been opened.
 *
 * @param name what the person calls the platform
 * @param host the machine it runs on
 * @param x25519 its key for the key agreement of this pairing
 * @param plaintext the exact bytes, with padding: digests are made of these
 */
public record Hello(String name, String host, Bytes x25519, Bytes plaintext) {
    private static final Bytes COMMIT_LABEL = Bytes.utf8("harp-v1 commit\0");

    static Hello create(String name, String host, Bytes x25519) {
        var json = JsonTree.object()
                .add("v", 1)
                .add("name", name)
                .add("host", host)
                .add("x25519", x25519.base64())
                .build();
        return read(Padding.pad(json, Padding.HELLO));
    }

    static Hello read(Bytes plaintext) {
        MemberReader members = new MemberReader(Padding.read(plaintext, Padding.HELLO), Reason.HELLO_MEMBER);
        members.unless(members.whole("v") == 1);
        String name = members.text("name");
        String host = members.text("host");
        members.unless(Texts.isName(name) && Texts.isName(host));
        Bytes x25519 = members.bytes("x25519", Crypto.KEY_BYTES);
        members.nothingElse();
        return new Hello(name, host, x25519, plaintext);
    }

    /** C: the link carries it, so that the hello cannot be chosen once the join has been seen. */
    static Bytes commitment(Bytes plaintext) {
        return Crypto.sha256(COMMIT_LABEL, plaintext);
    }
}
