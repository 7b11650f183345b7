package dev.harp.relay.protocol;

import static dev.harp.relay.protocol.Samples.T0;
import static dev.harp.relay.protocol.Samples.TERMS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, section 13.7: a record in a log line reveals no content. */
class RedactionTest {
    private static final String CANARY = "CANARYcanary";
    private static final Optional<String> ALSO = Optional.of(CANARY);
    private static final Token TOKEN = new Token("hpt_" + CANARY);
    private static final Envelope ENVELOPE = new Envelope(CANARY, CANARY);
    private static final Response ANSWER = new Response(CANARY, CANARY, ALSO);
    private static final Device DEVICE = new Device(Samples.device(1), TOKEN.digest(), ALSO, T0, T0);
    private static final Request REQUEST =
            Request.submitted(Samples.key(1, 1), Samples.device(1), ENVELOPE, T0, T0.plusSeconds(1));
    private static final Pairing PAIRING = new Pairing(
            Samples.pair(1),
            TOKEN.digest(),
            Sha256.of(CANARY),
            T0,
            T0,
            new Pairing.Active(Samples.device(1), ALSO, T0));

    @Test
    void noRecordPrintsItsContent() {
        List<Object> records = List.of(
                TOKEN,
                TOKEN.digest(),
                ENVELOPE,
                ANSWER,
                DEVICE,
                REQUEST,
                REQUEST.ended(new Request.Responded(ANSWER, T0)),
                PAIRING,
                PAIRING.state(),
                new PairingEvent.Bind(Samples.device(2), Sha256.of(CANARY), ALSO),
                new RequestEvent.Respond(ANSWER),
                new Submission(Samples.key(1, 1), ENVELOPE, Duration.ofSeconds(1)),
                Transition.allowed(REQUEST.ended(new Request.Responded(ANSWER, T0))),
                Result.ok(PAIRING),
                Result.ok(DEVICE),
                Transitions.apply(PAIRING, new PairingEvent.Bind(Samples.device(2), Sha256.of(CANARY), ALSO), T0),
                TERMS);
        for (Object value : records) {
            assertThat(value.getClass().getName(), value.toString(), not(containsString(CANARY)));
            assertThat(
                    value.getClass().getName(),
                    value.toString(),
                    not(containsString(TOKEN.digest().hex().substring(0, 8))));
        }
    }

    @Test
    void printedTextIdentifiesTheRecord() {
        assertThat(DEVICE.toString(), is("Device[dev_000000000001]"));
        assertThat(PAIRING.toString(), is("Pairing[pair_000000000001, Active]"));
        assertThat(ENVELOPE.toString(), is("Envelope[12 characters]"));
        assertThat(ANSWER.toString(), is("Response[12 characters]"));
    }

    /** No refusal repeats free text of the caller. */
    @Test
    void noRefusalEchoes() {
        Request responded = REQUEST.ended(new Request.Responded(ANSWER, T0));
        Transition<Request> other = Transitions.apply(
                PAIRING, responded, new RequestEvent.Respond(new Response(CANARY, CANARY + "2", ALSO)), T0);
        assertThat(other.refusal().orElseThrow().toString(), not(containsString(CANARY)));
    }
}
