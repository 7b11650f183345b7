package dev.harp.relay.doctor;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A platform's stream of events, asked for as a browser asks: with compression, which no proxy may then apply. */
final class EventStream implements AutoCloseable {
    private static final Pattern ID = Pattern.compile("(?m)^id: ?([ -~]{1,200})$");
    private static final int LONGEST = 256 * 1024;

    private final Site site;
    private final Connection connection;
    private final RelayAnswer head;
    private final StringBuilder text = new StringBuilder();

    private EventStream(Site site, Connection connection, RelayAnswer head) {
        this.site = site;
        this.connection = connection;
        this.head = head;
    }

    /**
     * Opens the stream of a pairing, and waits for its head.
     *
     * @param last the id after which to resume; may be empty
     */
    static EventStream open(Site site, Records.Opened pairing, String last) throws Failed {
        Map<String, String> fields = new LinkedHashMap<>(pairing.bearer());
        fields.put("Accept", "text/event-stream");
        fields.put("Accept-Encoding", "gzip, deflate, br, zstd");
        if (!last.isEmpty()) {
            fields.put("Last-Event-ID", last);
        }
        Connection connection = Connection.open(site);
        try {
            RelayAnswer head =
                    connection.begin(Site.request("GET", pairing.path() + "/events", fields, ""), site.patience());
            return new EventStream(site, connection, head.is(200));
        } catch (Failed e) {
            connection.close();
            throw e;
        }
    }

    /** What is wrong with the head. */
    Optional<Finding> fault() {
        if (!head.isOf("text/event-stream")) {
            return Optional.of(Finding.fail(
                    "a stream of events is answered by something else than the relay; the proxy has to pass on"
                            + " all paths"));
        }
        if (head.header("Content-Encoding").isPresent()) {
            return Optional.of(Finding.fail("the proxy compresses streams (Content-Encoding: "
                    + head.header("Content-Encoding").get()
                    + "), and so holds events back: exclude text/event-stream, and respect no-transform; nginx: gzip"
                    + " off"));
        }
        return head.header("Content-Length").isPresent()
                ? Optional.of(
                        Finding.fail("the proxy keeps a stream until it ends, and gives it a Content-Length; nginx:"
                                + " proxy_buffering off"))
                : Optional.empty();
    }

    /**
     * Reads until what was received matches.
     *
     * @return the id of the last event; empty if there is none
     */
    String until(String form) throws Failed {
        Pattern pattern = Pattern.compile(form);
        while (!pattern.matcher(text).find()) {
            byte[] part = connection.part(head, site.patience());
            if (part.length == 0 || text.length() > LONGEST) {
                throw new Failed(Failed.Kind.ENDED, "it ended");
            }
            text.append(new String(part, StandardCharsets.UTF_8));
        }
        String last = "";
        for (Matcher id = ID.matcher(text); id.find(); ) {
            last = id.group(1);
        }
        return last;
    }

    /** Whether this text was received. */
    boolean repeats(String sent) {
        return text.indexOf(sent) >= 0;
    }

    @Override
    public void close() {
        connection.close();
    }
}
