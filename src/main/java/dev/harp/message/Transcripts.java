package dev.harp.message;

/** T from what both sides keep. */
final class Transcripts {
    private Transcripts() {}

    static Bytes of(String relay, String pairId, Join join, Hello hello) {
        Bytes link = PairingLink.transcriptPart(relay, pairId, Hello.commitment(hello.plaintext()));
        return PairingKeys.transcript(link, join.plaintext(), hello.plaintext());
    }
}
