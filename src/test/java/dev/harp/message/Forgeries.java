package dev.harp.message;

import dev.harp.json.JsonTree;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** What somebody makes who has seen a pairing link, and does not follow the rules. */
public final class Forgeries {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Forgeries() {}

    /** Ed25519 keys of small order, each with either sign. */
    public static List<Bytes> weakEd25519() {
        return Stream.of(
                        "00".repeat(32),
                        "01" + "00".repeat(31),
                        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                        "ec" + "ff".repeat(30) + "7f")
                .flatMap(hex -> {
                    byte[] key = HexFormat.of().parseHex(hex);
                    byte[] other = key.clone();
                    other[31] |= (byte) 0x80;
                    return Stream.of(Bytes.of(key), Bytes.of(other));
                })
                .toList();
    }

    /** X25519 keys under which every secret gives zero. */
    public static List<Bytes> weakX25519() {
        return Stream.of("00".repeat(32), "01" + "00".repeat(31))
                .map(hex -> Bytes.of(HexFormat.of().parseHex(hex)))
                .toList();
    }

    public static Bytes someX25519() {
        return Crypto.newX25519(RANDOM).publicKey();
    }

    public static Bytes someEd25519() {
        return Crypto.newEd25519(RANDOM).publicKey();
    }

    /** The payload of a device with these keys, sealed as the link asks for. */
    public static String payload(PairingLink link, Bytes x25519, Bytes ed25519) {
        JsonTree.Members join = JsonTree.object()
                .add("v", 1)
                .add("name", "Mallory's phone")
                .add("x25519", x25519.base64())
                .add("ed25519", ed25519.base64())
                .add("passkeys", List.of())
                .build();
        Bytes plaintext = Padding.pad(join, Padding.JOIN);
        return Secrets.sealPayload(PairingSecrets.of(link).joinKey(), plaintext, RANDOM);
    }

    /** A hello with this key, sealed as the link asks for, whether it promises this one or not. */
    public static Envelope hello(PairingLink link, Bytes x25519) {
        return Envelope.seal(PairingSecrets.of(link).helloKey(), helloText(x25519), RANDOM);
    }

    /** The link with a commitment to the hello of {@link #hello}. */
    public static PairingLink committed(PairingLink link, Bytes x25519) {
        return new PairingLink(
                link.page(), link.relay(), link.pairId(), link.secret(), Hello.commitment(helloText(x25519)));
    }

    private static Bytes helloText(Bytes x25519) {
        JsonTree.Members hello = JsonTree.object()
                .add("v", 1)
                .add("name", "deploy-bot")
                .add("host", "build-7")
                .add("x25519", x25519.base64())
                .build();
        return Padding.pad(hello, Padding.HELLO);
    }
}
