package load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** The calls of an approval as one server wants them: as bytes. */
public interface Calls {
    /** Characters of the envelope. */
    String ENVELOPE = "A".repeat(2048);

    /** A platform and its device. */
    final class Pair {
        String id = "";
        String platformToken = "";
        String device = "";
        String deviceToken = "";
        String deviceAfter = "";
        String platformAfter = "";
    }

    /** Pairings that are set up, by several connections at a time. */
    List<Pair> pairs(int count, Loop loop, InetSocketAddress to) throws IOException;

    byte[] submit(Pair pair, String request);

    /** The device's long poll. */
    byte[] deviceWaits(Pair pair);

    /** Notes how far the device has read. */
    void deviceGot(Pair pair, Reply reply);

    byte[] respond(Pair pair, String request);

    /** The platform's long poll for the response. */
    byte[] platformWaits(Pair pair, String request);

    /** Notes how far the platform has read. */
    void platformGot(Pair pair, Reply reply);

    /** Opens the device's stream of events. */
    byte[] stream(Pair pair);

    /** A request, with a token unless that is empty. */
    static byte[] http(String method, String path, String token, String fields, String body) {
        String head = method + " " + path + " HTTP/1.1\r\nHost: a\r\n"
                + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
                + fields
                + (body.isEmpty() ? "" : "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n")
                + "\r\n";
        return (head + body).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** An id of the present time, version 7. */
    static String uuid7() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long most = System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(0x1000);
        return new UUID(most, random.nextLong() >>> 2 | 1L << 63).toString();
    }

    /** The relay's interface (docs/protocol.md), which the peers that are programs speak as well. */
    final class Relay implements Calls {
        private static final String SEALED =
                "\"nonce\":\"" + "A".repeat(32) + "\",\"ciphertext\":\"" + ENVELOPE + "\"}";

        @Override
        public List<Pair> pairs(int count, Loop loop, InetSocketAddress to) throws IOException {
            List<Pair> pairs = new ArrayList<>();
            int[] left = {count};
            List<Connection> connections = new ArrayList<>();
            for (int i = 0; i < Math.min(count, 32); i++) {
                connections.add(loop.connect(to));
                pair(connections.getLast(), pairs, left);
            }
            loop.run(() -> pairs.size() == count);
            for (Connection connection : connections) {
                connection.close();
            }
            return pairs;
        }

        /** Three calls, and then the next pairing. */
        private static void pair(Connection connection, List<Pair> pairs, int[] left) {
            if (left[0]-- <= 0) {
                return;
            }
            byte[] secret = new byte[32];
            ThreadLocalRandom.current().nextBytes(secret);
            String hash = "{\"secret_hash\":\"" + HexFormat.of().formatHex(secret) + "\"}";
            Pair pair = new Pair();
            connection.send(http("POST", "/v1/devices", "", "", "{}"), device -> {
                pair.device = device.ok().member("device_id");
                pair.deviceToken = device.member("device_token");
                connection.send(http("POST", "/v1/pairs", "", "", hash), opened -> {
                    pair.id = opened.ok().member("pair_id");
                    pair.platformToken = opened.member("platform_token");
                    String join = "/v1/pairs/" + pair.id + "/device";
                    connection.send(http("PUT", join, pair.deviceToken, "", hash), joined -> {
                        joined.ok();
                        pairs.add(pair);
                        pair(connection, pairs, left);
                    });
                });
            });
        }

        @Override
        public byte[] submit(Pair pair, String request) {
            String ids = "{\"request_id\":\"" + request + "\",\"pair_id\":\"" + pair.id + "\",";
            return http("POST", "/v1/requests", pair.platformToken, "", ids + SEALED);
        }

        @Override
        public byte[] deviceWaits(Pair pair) {
            String path = "/v1/devices/" + pair.device + "/requests?wait=540" + pair.deviceAfter;
            return http("GET", path, pair.deviceToken, "", "");
        }

        @Override
        public void deviceGot(Pair pair, Reply reply) {
            String cursor = reply.ok().member("cursor");
            pair.deviceAfter = cursor.isEmpty() ? "" : "&after=" + cursor;
        }

        @Override
        public byte[] respond(Pair pair, String request) {
            return http("PUT", "/v1/requests/" + request + "/response", pair.deviceToken, "", "{" + SEALED);
        }

        @Override
        public byte[] platformWaits(Pair pair, String request) {
            return http("GET", "/v1/requests/" + request + "?wait=540", pair.platformToken, "", "");
        }

        @Override
        public void platformGot(Pair pair, Reply reply) {
            reply.ok();
        }

        @Override
        public byte[] stream(Pair pair) {
            return http("GET", "/v1/devices/" + pair.device + "/events", pair.deviceToken, "", "");
        }
    }

    /** Two channels of nchan for each pairing; the bodies are the envelopes alone. */
    final class Nchan implements Calls {
        @Override
        public List<Pair> pairs(int count, Loop loop, InetSocketAddress to) {
            List<Pair> pairs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Pair pair = new Pair();
                pair.id = uuid7(); // a channel needs no set-up
                pairs.add(pair);
            }
            return pairs;
        }

        @Override
        public byte[] submit(Pair pair, String request) {
            return http("POST", "/pub/d-" + pair.id, "", "", ENVELOPE);
        }

        @Override
        public byte[] deviceWaits(Pair pair) {
            return http("GET", "/sub/d-" + pair.id, "", pair.deviceAfter, "");
        }

        @Override
        public void deviceGot(Pair pair, Reply reply) {
            pair.deviceAfter = after(reply);
        }

        @Override
        public byte[] respond(Pair pair, String request) {
            return http("POST", "/pub/p-" + pair.id, "", "", ENVELOPE);
        }

        @Override
        public byte[] platformWaits(Pair pair, String request) {
            return http("GET", "/sub/p-" + pair.id, "", pair.platformAfter, "");
        }

        @Override
        public void platformGot(Pair pair, Reply reply) {
            pair.platformAfter = after(reply);
        }

        private static String after(Reply reply) {
            return "If-Modified-Since: " + reply.ok().header("Last-Modified") + "\r\nIf-None-Match: "
                    + reply.header("Etag") + "\r\n";
        }

        @Override
        public byte[] stream(Pair pair) {
            return http("GET", "/sub/d-" + pair.id, "", "Accept: text/event-stream\r\n", "");
        }
    }
}
