package dev.harp.relay.protocol;

/**
 * What a platform asks. A request that has ended keeps the digest only: the device no longer needs the question, and
 * the digest still tells a repeated submission from another one.
 */
public sealed interface Question permits Envelope, Question.Digest {

    /**
     * The digest of a question.
     *
     * @param value SHA-256 of the nonce, a full stop, and the ciphertext; neither has a full stop in it
     */
    record Digest(Sha256 value) implements Question {
        static Digest of(Envelope envelope) {
            return new Digest(Sha256.of(envelope.nonce() + "." + envelope.ciphertext()));
        }
    }

    /** Whether the question is that of the envelope. */
    default boolean isOf(Envelope envelope) {
        return switch (this) {
            case Envelope held -> held.equals(envelope);
            case Digest digest -> digest.equals(Digest.of(envelope));
        };
    }
}
