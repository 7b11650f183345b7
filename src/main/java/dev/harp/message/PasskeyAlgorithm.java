package dev.harp.message;

/** How a passkey signs, by its name in JOSE. */
public enum PasskeyAlgorithm {
    /** ECDSA on P-256 with SHA-256, signatures in DER. */
    ES256,
    /** RSASSA-PKCS1-v1_5 with SHA-256. */
    RS256
}
