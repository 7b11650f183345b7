package dev.harp.message;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a platform asks, in version 1. {@link #plaintext} says whether it is within its bounds; lengths are bytes of
 * UTF-8.
 *
 * @param requestId a UUIDv7 in lower case, the envelope's
 * @param issuedAt Unix seconds, by the platform's clock
 * @param expiresAt Unix seconds, 1 to 86,400 s after {@code issuedAt}
 * @param action what is to be done, 1 to 200 bytes
 * @param context where the question comes from, as the platform says
 * @param parameters 0 to 100
 * @param details 0 to 16
 * @param choices 0 to 8 rules that an approval may choose one of; for {@code authorize} only
 * @param fields 1 to 32 for {@code collect}, else none
 */
public record Question(
        Intent intent,
        String requestId,
        long issuedAt,
        long expiresAt,
        String action,
        Severity severity,
        Assurance assurance,
        Optional<String> description,
        Optional<String> reasoning,
        Optional<Context> context,
        List<Parameter> parameters,
        List<Detail> details,
        List<Choice> choices,
        List<Field> fields) {
    /** The longest that a question may stay open, in seconds. */
    public static final long MAX_LIFETIME = 86_400;

    /** The most rules that a question may offer. */
    public static final int MAX_CHOICES = 8;

    /** Where the question comes from, in the platform's own words. */
    public record Context(
            Optional<String> agent, Optional<String> host, Optional<String> directory, Optional<String> session) {}

    /**
     * One argument of the action.
     *
     * @param name 1 to 100 bytes
     * @param value any text; a nested value is printed by the platform
     */
    public record Parameter(String name, String value) {}

    /**
     * A longer text that belongs to the action, such as a diff.
     *
     * @param label 1 to 100 bytes
     */
    public record Detail(String label, Format format, String text) {}

    /** How a detail is shown. In no format is anything interpreted. */
    public enum Format {
        TEXT,
        CODE,
        DIFF;

        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A rule that the person may set with an approval.
     *
     * @param id {@code [a-z0-9_]{1,64}}, once in a question
     * @param rule what it permits, 1 to 1,000 bytes
     */
    public record Choice(String id, String rule) {
        /** The longest rule, in bytes. */
        public static final int MAX_RULE = 1_000;

        /** Whether a text may be the id of a choice. */
        public static boolean isId(String text) {
            return Texts.isIdentifier(text);
        }
    }

    /**
     * A field of a form.
     *
     * @param name {@code [a-z0-9_]{1,64}}, once in a question
     * @param label 1 to 200 bytes
     * @param options 1 to 64 for {@code select} and {@code several}, else none
     */
    public record Field(String name, FieldType type, String label, boolean required, List<Option> options) {}

    public enum FieldType {
        TEXT,
        NUMBER,
        SELECT,
        SEVERAL;

        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether the person chooses from options. */
        public boolean hasOptions() {
            return this == SELECT || this == SEVERAL;
        }
    }

    /**
     * What a field offers.
     *
     * @param value 1 to 100 bytes, once in a field
     * @param label 1 to 200 bytes
     */
    public record Option(String value, String label) {}

    /**
     * The plaintext that is sealed and of which digests are made.
     *
     * @return refused with {@code question_member}, {@code question_bounds} or {@code question_times} if it is out of
     *     its bounds, with {@code too_long} if it does not fit 49,136 bytes; nothing is cut
     */
    public Checked<Bytes> plaintext() {
        return Checked.of(() -> {
            Bytes padded = Padding.pad(QuestionWriter.write(this), Padding.QUESTION);
            QuestionReader.readOwn(padded);
            return padded;
        });
    }

    /** A question with what it must have; severity {@code medium} and nothing else until the builder is told. */
    public static Builder builder(
            Intent intent, String requestId, long issuedAt, long expiresAt, String action, Assurance assurance) {
        return new Builder(intent, requestId, issuedAt, expiresAt, action, assurance);
    }

    /** Collects the optional parts. */
    public static final class Builder {
        private final Intent intent;
        private final String requestId;
        private final long issuedAt;
        private final long expiresAt;
        private final String action;
        private final Assurance assurance;
        private Severity severity = Severity.MEDIUM;
        private Optional<String> description = Optional.empty();
        private Optional<String> reasoning = Optional.empty();
        private Optional<Context> context = Optional.empty();
        private List<Parameter> parameters = List.of();
        private List<Detail> details = List.of();
        private List<Choice> choices = List.of();
        private List<Field> fields = List.of();

        private Builder(
                Intent intent, String requestId, long issuedAt, long expiresAt, String action, Assurance assurance) {
            this.intent = intent;
            this.requestId = requestId;
            this.issuedAt = issuedAt;
            this.expiresAt = expiresAt;
            this.action = action;
            this.assurance = assurance;
        }

        public Builder severity(Severity value) {
            severity = value;
            return this;
        }

        public Builder description(String value) {
            description = Optional.of(value);
            return this;
        }

        public Builder reasoning(String value) {
            reasoning = Optional.of(value);
            return this;
        }

        public Builder context(Context value) {
            context = Optional.of(value);
            return this;
        }

        public Builder parameters(List<Parameter> values) {
            parameters = List.copyOf(values);
            return this;
        }

        public Builder details(List<Detail> values) {
            details = List.copyOf(values);
            return this;
        }

        public Builder choices(List<Choice> values) {
            choices = List.copyOf(values);
            return this;
        }

        public Builder fields(List<Field> values) {
            fields = List.copyOf(values);
            return this;
        }

        public Question build() {
            return new Question(
                    intent,
                    requestId,
                    issuedAt,
                    expiresAt,
                    action,
                    severity,
                    assurance,
                    description,
                    reasoning,
                    context,
                    parameters,
                    details,
                    choices,
                    fields);
        }
    }
}
