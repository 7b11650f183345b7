package dev.harp.relay.http.api;

import dev.harp.json.Json;
import dev.harp.relay.protocol.ErrorCode;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import jakarta.json.stream.JsonGenerator;

/** Renders an error as a problem document (RFC 9457). */
public final class Problems {
    /** {@code application/problem+json}. */
    public static final Header CONTENT_TYPE =
            HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");

    private static final String TYPE = "urn:harp-relay:problem:";

    private Problems() {}

    /** The problem document, in UTF-8. */
    public static byte[] json(ErrorCode code, String detail) {
        return Json.bytes(json -> write(code, detail, json));
    }

    /** Writes the same into another document. */
    public static void write(ErrorCode code, String detail, JsonGenerator json) {
        json.writeStartObject()
                .write("type", TYPE + code.code())
                .write("title", code.title())
                .write("status", code.status())
                .write("detail", detail)
                .write("code", code.code())
                .writeEnd();
    }
}
