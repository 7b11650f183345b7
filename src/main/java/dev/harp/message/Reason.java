package dev.harp.message;

import java.util.Locale;

/**
 * Why something was refused. {@code docs/messages.md}, section 14, says what each means; the test vectors name them by
 * {@link #code}.
 */
public enum Reason {
    LINK_FORM,
    LINK_FIELD,
    LINK_VERSION,
    LINK_RELAY,
    LINK_INSECURE,
    ENVELOPE,
    SEAL,
    PADDING,
    JSON_FORM,
    TOO_LONG,
    JOIN_MEMBER,
    PASSKEY_KEY,
    HELLO_MEMBER,
    COMMITMENT,
    WEAK_KEY,
    QUESTION_MEMBER,
    QUESTION_BOUNDS,
    QUESTION_TIMES,
    WRONG_REQUEST,
    ISSUED_IN_FUTURE,
    EXPIRED,
    CLOCK_BEHIND,
    ALREADY_DECIDED,
    LATE,
    RESPONSE_MEMBER,
    JWS_FORM,
    SIGNATURE,
    ANSWER_MEMBER,
    WRONG_PAIRING,
    WRONG_QUESTION,
    WRONG_DECISION,
    ANSWER_CHOICE,
    ANSWER_VALUES,
    PASSKEY_CLIENT,
    PASSKEY_DATA,
    PASSKEY_SIGNATURE,
    PASSKEY_BACKUP,
    ASSURANCE,
    RECEIPT_MEMBER;

    /** The stable code, in lower case. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
