package dev.harp.client;

import dev.harp.json.JsonTree.Members;
import dev.harp.message.Checked;
import dev.harp.message.Envelope;
import java.util.Optional;

/** Small conversions between the relay's JSON and the messages. */
final class Values {
    private Values() {}

    static <T> Optional<T> of(Checked<T> checked) {
        return checked instanceof Checked.Ok<T>(T value) ? Optional.of(value) : Optional.empty();
    }

    /** The envelope that a member or an item holds, if it holds one. */
    static Optional<Envelope> envelope(Members in) {
        return in.text("nonce").flatMap(nonce -> in.text("ciphertext").map(text -> new Envelope(nonce, text)));
    }
}
