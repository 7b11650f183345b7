package dev.harp.message;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.HexFormat;
import java.util.Optional;

/**
 * What the platform shows and the device takes in: {@code PAGE#FIELD}, everything that matters being in the fragment,
 * which no browser sends to a server ({@code docs/messages.md}, section 2). It carries the secret of the pairing and
 * must be shown to nobody else.
 *
 * @param page the address of the app, which ends in a slash
 * @param relay where both reach the relay, as devices see it
 * @param pairId {@code pair_} and 12 lower-case hex digits
 * @param secret 32 bytes
 * @param commitment SHA-256 that fixes the platform's hello
 */
public record PairingLink(String page, String relay, String pairId, Bytes secret, Bytes commitment) {
    private static final byte VERSION = 1;
    private static final int RELAY_AT = 1 + 6 + 32 + 32;
    private static final String APP = "/app";

    /** Whether plain {@code http} is accepted beyond this machine. Only ever by a person's explicit choice. */
    public enum Http {
        LOOPBACK_ONLY,
        ALLOWED
    }

    /** Checks the parts. Anything wrong here is the caller's mistake. */
    public PairingLink {
        if (!Texts.isPairId(pairId) || secret.length() != 32 || commitment.length() != 32) {
            throw new IllegalArgumentException("no parts of a pairing link");
        }
    }

    public static Checked<PairingLink> parse(String text, Http http) {
        return Checked.of(() -> read(text, http));
    }

    private static PairingLink read(String text, Http http) {
        int hash = text.indexOf('#');
        Refusal.unless(hash > 0 && text.charAt(hash - 1) == '/', Reason.LINK_FORM);
        WebAddress page =
                WebAddress.parse(text.substring(0, hash - 1)).orElseThrow(() -> new Refusal(Reason.LINK_FORM));
        Bytes field = Bytes.ofBase64(text.substring(hash + 1))
                .filter(bytes -> bytes.length() > 0)
                .orElseThrow(() -> new Refusal(Reason.LINK_FIELD));
        Refusal.unless(field.at(0) == VERSION, Reason.LINK_VERSION);
        Refusal.unless(field.length() >= RELAY_AT, Reason.LINK_FIELD);
        WebAddress relay =
                relay(page, field.slice(RELAY_AT, field.length())).orElseThrow(() -> new Refusal(Reason.LINK_RELAY));
        boolean secure = page.isSecure() && relay.isSecure();
        Refusal.unless(secure || http == Http.ALLOWED, Reason.LINK_INSECURE);
        return new PairingLink(
                page.text() + "/",
                relay.text(),
                "pair_" + HexFormat.of().formatHex(field.slice(1, 7).toByteArray()),
                field.slice(7, 39),
                field.slice(39, RELAY_AT));
    }

    /** The relay that the field names, or else the one in front of the app's own path. */
    private static Optional<WebAddress> relay(WebAddress page, Bytes named) {
        if (named.length() > 0) {
            return WebAddress.parse(new String(named.toByteArray(), ISO_8859_1));
        }
        return page.path().endsWith(APP)
                ? WebAddress.parse(page.text().substring(0, page.text().length() - APP.length()))
                : Optional.empty();
    }

    /** The link. The relay is left out of it if the page's address implies it. */
    public String format() {
        boolean implied = page.equals(relay + APP + "/");
        Bytes field = Bytes.concat(head(), implied ? Bytes.of() : Bytes.utf8(relay));
        return page + "#" + field.base64();
    }

    /** L of {@code docs/messages.md}: what all keys of the pairing are bound to. */
    Bytes transcriptPart() {
        return transcriptPart(relay, pairId, commitment);
    }

    static Bytes transcriptPart(String relay, String pairId, Bytes commitment) {
        return Bytes.concat(Bytes.of(VERSION), pairBytes(pairId), commitment, Bytes.utf8(relay));
    }

    private Bytes head() {
        return Bytes.concat(Bytes.of(VERSION), pairBytes(pairId), secret, commitment);
    }

    private static Bytes pairBytes(String pairId) {
        return Bytes.of(HexFormat.of().parseHex(pairId, "pair_".length(), pairId.length()));
    }
}
