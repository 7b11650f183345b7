package dev.harp.message;

import dev.harp.json.JsonTree.Members;
import java.util.List;

/**
 * A question that has been opened and read: it is what the platform of the pairing wrote. Its times are not judged yet.
 */
public sealed interface ReceivedQuestion {
    String requestId();

    /** Unix seconds, by the platform's clock. */
    long issuedAt();

    /** Unix seconds, by the platform's clock. */
    long expiresAt();

    /** The exact bytes, with padding. */
    Bytes plaintext();

    /** SHA-256 of the plaintext. */
    default Bytes digest() {
        return Crypto.sha256(plaintext());
    }

    /** Understood to the last member. */
    record Understood(Question question, Bytes plaintext) implements ReceivedQuestion {
        @Override
        public String requestId() {
            return question.requestId();
        }

        @Override
        public long issuedAt() {
            return question.issuedAt();
        }

        @Override
        public long expiresAt() {
            return question.expiresAt();
        }
    }

    /**
     * A question of another version, or with members or enumerated values that this version does not know. They might
     * be conditions. So it is shown as it stands, and can only be denied.
     *
     * @param unknown what is not known, as paths such as {@code parameters.0.unit}
     * @param members everything, as it stands
     */
    record NotUnderstood(
            String requestId, long issuedAt, long expiresAt, List<String> unknown, Members members, Bytes plaintext)
            implements ReceivedQuestion {}
}
