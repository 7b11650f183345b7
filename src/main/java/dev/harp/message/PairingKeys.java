package dev.harp.message;

import java.math.BigInteger;

/**
 * What both sides derive from one transcript. A key for each direction, so that nothing can be reflected.
 *
 * @param transcript T, which names the pairing
 * @param questionKey Kq, for platform to device
 * @param answerKey Ka, for device to platform
 * @param checkCode six digits that are the same on both sides exactly if their transcripts and secrets are
 */
record PairingKeys(Bytes transcript, Bytes questionKey, Bytes answerKey, String checkCode) {
    private static final Bytes TRANSCRIPT_LABEL = Bytes.utf8("harp-v1 pairing\0");
    private static final Bytes SALT = Bytes.utf8("harp-v1-enc");
    private static final int CHECK_BYTES = 8;
    private static final BigInteger CHECK_CODES = BigInteger.valueOf(1_000_000);

    static Bytes transcript(Bytes link, Bytes join, Bytes hello) {
        return Crypto.sha256(TRANSCRIPT_LABEL, length(link), link, length(join), join, length(hello), hello);
    }

    /** Refused with {@code weak_key} if the agreement gives zero. */
    static PairingKeys derive(PairingLink link, Join join, Hello hello, Bytes ownSecret, Bytes peerKey) {
        Bytes shared = Crypto.x25519(ownSecret, peerKey).orElseThrow(() -> new Refusal(Reason.WEAK_KEY));
        Bytes transcript = transcript(link.transcriptPart(), join.plaintext(), hello.plaintext());
        Bytes pseudoRandomKey = Crypto.hkdfExtract(SALT, Bytes.concat(shared, link.secret()));
        Bytes check = expand(pseudoRandomKey, "harp-v1 check\0", transcript, CHECK_BYTES);
        return new PairingKeys(
                transcript,
                expand(pseudoRandomKey, "harp-v1 question\0", transcript, Crypto.KEY_BYTES),
                expand(pseudoRandomKey, "harp-v1 answer\0", transcript, Crypto.KEY_BYTES),
                checkCode(check));
    }

    private static String checkCode(Bytes check) {
        int code = new BigInteger(1, check.toByteArray()).mod(CHECK_CODES).intValue();
        String digits = Integer.toString(code);
        return "0".repeat(6 - digits.length()) + digits;
    }

    private static Bytes expand(Bytes pseudoRandomKey, String label, Bytes transcript, int length) {
        return Crypto.hkdfExpand(pseudoRandomKey, Bytes.concat(Bytes.utf8(label), transcript), length);
    }

    private static Bytes length(Bytes part) {
        int n = part.length();
        return Bytes.of((byte) (n >> 24), (byte) (n >> 16), (byte) (n >> 8), (byte) n);
    }

    /** Without the code, which is as secret as the keys until it has been compared. */
    @Override
    public String toString() {
        return "PairingKeys[]";
    }
}
