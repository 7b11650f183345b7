package dev.harp.message;

import java.util.HexFormat;

/** Links: section 2. */
final class LinkVectors {
    private static final Bytes ID = Bytes.of(HexFormat.of().parseHex("a1b2c3d4e5f6"));
    private static final Bytes SECRET = Crypto.sha256(Bytes.utf8("link secret"));
    private static final Bytes COMMITMENT = Crypto.sha256(Bytes.utf8("link commitment"));
    private static final String PAGE = "https://relay.example.org/app/";

    private final Vectors vectors = new Vectors(
            "links",
            "kind link: parse the link; http says whether plain http is allowed beyond this machine. A valid one gives"
                    + " the parts, and formatting the parts gives the link again.");

    private LinkVectors() {}

    static Vectors make() {
        LinkVectors links = new LinkVectors();
        links.valid();
        links.refused();
        return links.vectors;
    }

    private void valid() {
        valid("relay from the page", PAGE, "", "https://relay.example.org");
        valid("page below a path", "https://example.org/harp/v2/app/", "", "https://example.org/harp/v2");
        valid("page elsewhere", "https://approve.example.net/", "https://r.example", "https://r.example");
        valid(
                "IPv6 and a port",
                "https://approve.example.net/a_b/",
                "https://[2001:db8::1]:8443",
                "https://[2001:db8::1]:8443");
        valid("http on this machine", "http://127.0.0.1:8787/app/", "", "http://127.0.0.1:8787");
        vectors.valid(
                "link",
                "http by choice",
                v -> v.add("http", true)
                        .add(
                                "link",
                                "http://10.0.0.7:8787/app/#"
                                        + field((byte) 1, "").base64())
                        .add("page", "http://10.0.0.7:8787/app/")
                        .add("relay", "http://10.0.0.7:8787")
                        .add("pair_id", "pair_a1b2c3d4e5f6")
                        .add("secret", SECRET.base64())
                        .add("commitment", COMMITMENT.base64()));
    }

    private void refused() {
        Bytes good = field((byte) 1, "");
        refused(
                "version 2",
                Reason.LINK_VERSION,
                PAGE + "#" + field((byte) 2, "").base64());
        refused("no field", Reason.LINK_FIELD, PAGE + "#");
        refused("no fragment", Reason.LINK_FORM, PAGE);
        refused(
                "field too short",
                Reason.LINK_FIELD,
                PAGE + "#" + good.slice(0, good.length() - 1).base64());
        refused("field with padding", Reason.LINK_FIELD, PAGE + "#" + good.base64() + "=");
        refused(
                "field in the standard alphabet",
                Reason.LINK_FIELD,
                PAGE + "#" + good.base64().replace('-', '+').replace('_', '/') + "+A");
        refused("field with spare bits", Reason.LINK_FIELD, PAGE + "#" + spareBits(good));
        refused("field with a line end", Reason.LINK_FIELD, PAGE + "#" + good.base64() + "\n");
        refused("second fragment", Reason.LINK_FIELD, PAGE + "#" + good.base64() + "#x");
        refused("page without a slash at its end", Reason.LINK_FORM, "https://relay.example.org/app#" + good.base64());
        refused("page with a query", Reason.LINK_FORM, "https://relay.example.org/app/?x=/#" + good.base64());
        refused("page with a user", Reason.LINK_FORM, "https://a@relay.example.org/app/#" + good.base64());
        refused("another scheme", Reason.LINK_FORM, "harp://relay.example.org/app/#" + good.base64());
        refused("upper case in the host", Reason.LINK_FORM, "https://Relay.example.org/app/#" + good.base64());
        refused("no relay and no app path", Reason.LINK_RELAY, "https://relay.example.org/#" + good.base64());
        relay("relay with a slash at its end", "https://r.example/");
        relay("relay with its default port", "https://r.example:443");
        relay("relay whose last label starts with a digit", "https://r.example.0x7f");
        relay("relay with a leading zero in IPv4", "https://127.0.0.01");
        relay("relay with IPv6 not compressed", "https://[2001:db8:0:0:0:0:0:1]");
        relay("relay with a dot segment", "https://r.example/../x");
        refused("http beyond this machine", Reason.LINK_INSECURE, "http://relay.example.org/app/#" + good.base64());
        refused(
                "http relay for an https page",
                Reason.LINK_INSECURE,
                PAGE + "#" + field((byte) 1, "http://r.example").base64());
    }

    /** The last character carries bits that encode nothing. */
    private static String spareBits(Bytes field) {
        String text = field.base64();
        int last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                .indexOf(text.charAt(text.length() - 1));
        return text.substring(0, text.length() - 1)
                + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".charAt(last + 1);
    }

    private void valid(String name, String page, String named, String relay) {
        vectors.valid(
                "link",
                name,
                v -> v.add("http", false)
                        .add("link", page + "#" + field((byte) 1, named).base64())
                        .add("page", page)
                        .add("relay", relay)
                        .add("pair_id", "pair_a1b2c3d4e5f6")
                        .add("secret", SECRET.base64())
                        .add("commitment", COMMITMENT.base64()));
    }

    private void relay(String name, String relay) {
        refused(
                name,
                Reason.LINK_RELAY,
                "https://approve.example.net/#" + field((byte) 1, relay).base64());
    }

    private void refused(String name, Reason reason, String link) {
        vectors.refused("link", name, reason, v -> v.add("http", false).add("link", link));
    }

    private static Bytes field(byte version, String relay) {
        return Bytes.concat(Bytes.of(version), ID, SECRET, COMMITMENT, Bytes.utf8(relay));
    }
}
