package dev.harp.relay.protocol;

import java.util.Locale;

/**
 * The table of all errors of the relay ({@code docs/protocol.md}, section 11).
 *
 * <p>The HTTP status is here because it is part of the protocol; only {@code http} reads it.
 */
public enum ErrorCode {
    INVALID_JSON(400, "The body is not valid JSON", Retry.NEVER),
    INVALID_REQUEST(400, "The body does not fit this call", Retry.NEVER),
    INVALID_PARAMETER(400, "A query parameter is not valid", Retry.NEVER),
    STALE_REQUEST_ID(400, "The time in the request id is too far from the relay's clock", Retry.NEVER),
    MALFORMED_HTTP(400, "The HTTP message is malformed", Retry.NEVER),
    UNAUTHORIZED(401, "The credential is missing or not valid here", Retry.NEVER),
    WRONG_SECRET(403, "The pairing secret is wrong", Retry.NEVER),
    NOT_FOUND(404, "There is no such path", Retry.NEVER),
    METHOD_NOT_ALLOWED(405, "The method is not allowed on this path", Retry.NEVER),
    REQUEST_TIMEOUT(408, "The HTTP request did not arrive in time", Retry.LATER),
    ALREADY_PAIRED(409, "The pairing already has a device", Retry.NEVER),
    NOT_PAIRED(409, "There is no pairing of platform and device yet", Retry.LATER),
    DUPLICATE_REQUEST(409, "The request id is taken by another envelope", Retry.NEVER),
    ALREADY_DECIDED(409, "The request is already over", Retry.NEVER),
    ALREADY_RESPONDED(409, "The request already has another response", Retry.NEVER),
    PAIRING_EXPIRED(410, "The pairing session has expired", Retry.NEVER),
    PAIR_REVOKED(410, "The pairing has been revoked", Retry.NEVER),
    REQUEST_EXPIRED(410, "The request has expired", Retry.NEVER),
    REQUEST_CANCELLED(410, "The request has been cancelled", Retry.NEVER),
    PAYLOAD_TOO_LARGE(413, "The content is too large", Retry.NEVER),
    URI_TOO_LONG(414, "The URI is too long", Retry.NEVER),
    UNSUPPORTED_MEDIA_TYPE(415, "The media type is not supported", Retry.NEVER),
    EXPECTATION_FAILED(417, "The expectation cannot be met", Retry.NEVER),
    RATE_LIMITED(429, "Too many calls", Retry.LATER),
    TOO_MANY_OPEN_REQUESTS(429, "Too many open requests", Retry.LATER),
    HEADERS_TOO_LARGE(431, "The header fields are too large", Retry.NEVER),
    INTERNAL_ERROR(500, "The relay failed", Retry.LATER),
    RELAY_FULL(503, "The relay is full", Retry.LATER),
    STORE_UNAVAILABLE(503, "The relay cannot reach its store", Retry.LATER),
    SHUTTING_DOWN(503, "The relay is shutting down", Retry.LATER),
    HTTP_VERSION_NOT_SUPPORTED(505, "The HTTP version is not supported", Retry.NEVER);

    private enum Retry {
        NEVER,
        LATER
    }

    private final String code;
    private final int status;
    private final String title;
    private final Retry retry;

    ErrorCode(int status, String title, Retry retry) {
        this.code = name().toLowerCase(Locale.ROOT);
        this.status = status;
        this.title = title;
        this.retry = retry;
    }

    /** The stable code that clients match, such as {@code request_expired}. */
    public String code() {
        return code;
    }

    /** The HTTP status, 400 to 599. */
    public int status() {
        return status;
    }

    /** The short, constant text for people (RFC 9457, section 3.1.3). */
    public String title() {
        return title;
    }

    /** Whether the same call, unchanged, may succeed later. */
    public boolean retryable() {
        return retry == Retry.LATER;
    }
}
