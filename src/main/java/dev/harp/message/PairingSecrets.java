package dev.harp.message;

/** Keys that the pairing secret S alone gives: enough to open join and hello, and for nothing else. */
record PairingSecrets(Bytes joinKey, Bytes helloKey) {
    private static final Bytes SALT = Bytes.utf8("harp-v1-pair");

    static PairingSecrets of(PairingLink link) {
        Bytes pseudoRandomKey = Crypto.hkdfExtract(SALT, link.secret());
        return new PairingSecrets(
                key(pseudoRandomKey, "harp-v1 join\0", link), key(pseudoRandomKey, "harp-v1 hello\0", link));
    }

    private static Bytes key(Bytes pseudoRandomKey, String label, PairingLink link) {
        return Crypto.hkdfExpand(
                pseudoRandomKey, Bytes.concat(Bytes.utf8(label), link.transcriptPart()), Crypto.KEY_BYTES);
    }
}
