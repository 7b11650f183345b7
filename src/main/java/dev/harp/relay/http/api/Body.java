package dev.harp.relay.http.api;

import dev.harp.relay.protocol.Callback;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Sha256;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The members of a call's body, validated one by one. Unknown members are ignored, and {@code null} counts as absent. A
 * refusal names the member, what is wrong with it and what is allowed; of free text it shows the length only.
 */
final class Body {
    private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e]+");
    private static final Pattern UUID = Pattern.compile("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern BASE64_DIGITS =
            Pattern.compile("[A-Za-z0-9]*+(?:[+/][A-Za-z0-9+/]*+|[-_][A-Za-z0-9_-]*+)?");
    private static final int NUMBER_TEXT = 20;

    private final JsonObject object;

    Body(JsonObject object) {
        this.object = object;
    }

    PairId pairId() {
        return PairId.parse(text("pair_id"))
                .orElseThrow(() -> invalid("pair_id has to be 'pair_' and 12 lower-case hex digits; given were "
                        + text("pair_id").length() + " characters."));
    }

    RequestId requestId() {
        return RequestId.parse(text("request_id"))
                .orElseThrow(() -> invalid("request_id has to be a UUIDv7, such as"
                        + " 0198c5e2-7d3a-7c41-9b0e-3f5a6d7e8c90; given was " + noUuid7(text("request_id")) + "."));
    }

    Sha256 secretHash() {
        return Sha256.parse(text("secret_hash"))
                .orElseThrow(() ->
                        invalid("secret_hash has to be 64 hex digits, the SHA-256 of the pairing secret; given were "
                                + given(text("secret_hash"), 64, 64, "hex digits")));
    }

    Optional<String> payload() {
        return optionalText("payload")
                .map(text -> base64("payload", text, ProtocolLimits.MAX_PAYLOAD, ErrorCode.PAYLOAD_TOO_LARGE));
    }

    Envelope envelope(int maxCiphertext) {
        return new Envelope(nonce(), ciphertext(maxCiphertext));
    }

    Response answer(int maxAnswer) {
        return new Response(
                nonce(),
                ciphertext(maxAnswer),
                optionalText("signature")
                        .map(text ->
                                base64("signature", text, ProtocolLimits.MAX_SIGNATURE, ErrorCode.INVALID_REQUEST)));
    }

    private String nonce() {
        return base64("nonce", text("nonce"), ProtocolLimits.MAX_NONCE, ErrorCode.INVALID_REQUEST);
    }

    private String ciphertext(int max) {
        return base64("ciphertext", text("ciphertext"), max, ErrorCode.PAYLOAD_TOO_LARGE);
    }

    Optional<String> pushToken() {
        return printable("push_token", 1, ProtocolLimits.MAX_PUSH_TOKEN);
    }

    /** Where the platform wants to be notified, if it does: both members or neither. */
    Optional<Callback> callback() {
        Optional<String> url = optionalText("callback_url");
        Optional<String> secret =
                printable("callback_secret", ProtocolLimits.MIN_CALLBACK_SECRET, ProtocolLimits.MAX_CALLBACK_SECRET);
        if (url.isPresent() != secret.isPresent()) {
            throw invalid("callback_url and callback_secret go together; "
                    + (url.isPresent() ? "callback_secret" : "callback_url") + " is missing.");
        }
        url.filter(text -> text.isEmpty() || text.length() > ProtocolLimits.MAX_CALLBACK_URL)
                .ifPresent(text -> {
                    throw invalid("callback_url has to have 1 to " + ProtocolLimits.MAX_CALLBACK_URL
                            + " characters; given were " + text.length() + ".");
                });
        return url.map(text -> new Callback(text, secret.orElseThrow()));
    }

    private Optional<String> printable(String name, int min, int max) {
        Optional<String> value = optionalText(name);
        value.filter(text -> text.length() < min
                        || text.length() > max
                        || !PRINTABLE.matcher(text).matches())
                .ifPresent(text -> {
                    throw invalid(name + " has to be " + min + " to " + max + " printable ASCII characters; given were "
                            + given(text, min, max, "printable ASCII"));
                });
        return value;
    }

    /** The push token of a call that must have the member, null to clear the token. */
    Optional<String> requiredPushToken() {
        if (!object.containsKey("push_token")) {
            throw invalid("push_token is missing; give the new one, or null for none.");
        }
        return pushToken();
    }

    /** A time to live in whole seconds. */
    Duration ttl(int min, int max, int ifAbsent) {
        String allowed = "ttl has to be a whole number of seconds from " + min + " to " + max;
        return switch (object.getOrDefault("ttl", JsonValue.NULL)) {
            case JsonNumber number ->
                Duration.ofSeconds(whole(number)
                        .filter(value -> value >= min && value <= max)
                        .orElseThrow(() -> invalid(allowed + "; given was " + shortened(number.toString()) + ".")));
            case JsonValue value when value.getValueType() == JsonValue.ValueType.NULL -> Duration.ofSeconds(ifAbsent);
            case JsonValue value -> throw invalid(allowed + "; given was " + kind(value) + ".");
        };
    }

    /** Empty if the number is not whole, or longer than any that is allowed. */
    private static Optional<Long> whole(JsonNumber number) {
        try {
            return number.toString().length() > NUMBER_TEXT ? Optional.empty() : Optional.of(number.longValueExact());
        } catch (ArithmeticException _) {
            return Optional.empty();
        }
    }

    /** Checked by decoding: of 64 KiB a regular expression takes longer than all the rest of a submission. */
    private String base64(String name, String text, int max, ErrorCode tooLong) {
        if (text.length() > max) {
            throw new Refused(
                    tooLong, name + " may have at most " + max + " characters; given were " + text.length() + ".");
        }
        boolean urlSafe = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
        try {
            if ((urlSafe ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text).length > 0) {
                return text;
            }
        } catch (IllegalArgumentException _) {
            // It is described below.
        }
        Matcher digits = BASE64_DIGITS.matcher(text);
        boolean odd = digits.lookingAt() && digits.end() == text.length();
        throw invalid(name + " has to be base64 or base64url text of 1 to " + max
                + " characters, with its padding or without; given were " + text.length() + " characters, "
                + (odd ? "a length that base64 does not have." : "and character " + (digits.end() + 1) + " is wrong."));
    }

    /** What is wrong with a secret text, without the text: its length, or else its characters. */
    private static String given(String text, int min, int max, String allowed) {
        boolean fits = text.length() >= min && text.length() <= max;
        return text.length() + " characters" + (fits ? ", not all of them " + allowed : "") + ".";
    }

    private static String noUuid7(String text) {
        if (!UUID.matcher(text).matches()) {
            return "a text of " + text.length() + " characters that is no UUID";
        }
        char version = text.charAt(14);
        return version == '7' ? "a UUID of another variant than RFC 9562's" : "a UUID of version " + version;
    }

    private String text(String name) {
        return optionalText(name).orElseThrow(() -> invalid(name + " is missing."));
    }

    private Optional<String> optionalText(String name) {
        return switch (object.getOrDefault(name, JsonValue.NULL)) {
            case JsonString string -> Optional.of(string.getString());
            case JsonValue value when value.getValueType() == JsonValue.ValueType.NULL -> Optional.empty();
            case JsonValue value -> throw invalid(name + " has to be a string; given was " + kind(value) + ".");
        };
    }

    private static String kind(JsonValue value) {
        return switch (value.getValueType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case TRUE, FALSE -> "a boolean";
            case NULL -> "null";
        };
    }

    private static String shortened(String number) {
        return number.length() <= NUMBER_TEXT ? number : number.substring(0, NUMBER_TEXT) + "...";
    }

    private static Refused invalid(String detail) {
        return new Refused(ErrorCode.INVALID_REQUEST, detail);
    }
}
