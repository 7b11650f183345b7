package dev.harp.client;

import dev.harp.message.Assurance;
import dev.harp.message.Intent;
import dev.harp.message.Question;
import dev.harp.message.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What a platform wants to ask. The bounds are those of {@link Question}; what is out of them is refused, never cut.
 *
 * @param action what is to be done, 1 to 200 bytes
 * @param ttl how long an answer counts, 1 s to 86,400 s
 * @param assurance how sure the answer has to be; unasked see {@link Assurance#choose}
 * @param parts sets the optional parts of the question
 * @param patience how long a relay that cannot be reached is tried, at most {@code ttl}; 30 s if not set
 */
public record Ask(
        Intent intent,
        String action,
        Duration ttl,
        Severity severity,
        Optional<Assurance> assurance,
        UnaryOperator<Question.Builder> parts,
        Duration patience) {

    /** May this be done? */
    public static Ask authorize(String action, Duration ttl) {
        return new Ask(
                Intent.AUTHORIZE,
                action,
                ttl,
                Severity.MEDIUM,
                Optional.empty(),
                UnaryOperator.identity(),
                RelayApi.PATIENCE);
    }

    /** Please fill in this form. */
    public static Ask collect(String action, Duration ttl, List<Question.Field> fields) {
        return new Ask(
                Intent.COLLECT,
                action,
                ttl,
                Severity.MEDIUM,
                Optional.empty(),
                question -> question.fields(fields),
                RelayApi.PATIENCE);
    }

    /** For your information. Asked at {@code tap}, since nothing follows from it. */
    public static Ask inform(String action, Duration ttl) {
        return new Ask(
                Intent.INFORM,
                action,
                ttl,
                Severity.MEDIUM,
                Optional.of(Assurance.TAP),
                UnaryOperator.identity(),
                RelayApi.PATIENCE);
    }

    public Ask severity(Severity value) {
        return new Ask(intent, action, ttl, value, assurance, parts, patience);
    }

    public Ask assurance(Assurance value) {
        return new Ask(intent, action, ttl, severity, Optional.of(value), parts, patience);
    }

    /** Gives up sooner, or later, where the relay cannot be reached. */
    public Ask patience(Duration value) {
        return new Ask(intent, action, ttl, severity, assurance, parts, value);
    }

    /** Sets further parts, after those that are set already. */
    public Ask with(UnaryOperator<Question.Builder> more) {
        return new Ask(
                intent, action, ttl, severity, assurance, question -> more.apply(parts.apply(question)), patience);
    }

    Question question(String requestId, long now, Assurance chosen) {
        Question.Builder builder = Question.builder(intent, requestId, now, now + ttl.toSeconds(), action, chosen)
                .severity(severity);
        return parts.apply(builder).build();
    }
}
