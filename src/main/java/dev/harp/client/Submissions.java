package dev.harp.client;

import dev.harp.client.RelayApi.Answer;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Envelope;
import java.time.Duration;

/** How an envelope gets to the relay, exactly once. */
final class Submissions {
    private Submissions() {}

    static Members body(String requestId, String pairId, Envelope envelope, long ttl) {
        return JsonTree.object()
                .add("request_id", requestId)
                .add("pair_id", pairId)
                .add("nonce", envelope.nonce())
                .add("ciphertext", envelope.ciphertext())
                .add("ttl", ttl)
                .build();
    }

    /**
     * Submits an envelope that does not contain its request's id. If the id's time is too far from the relay's clock,
     * once more with the relay's time.
     *
     * @return the request id
     */
    static String submit(RelayApi api, String token, String pairId, Envelope envelope, long ttl, long until)
            throws RelayException, InterruptedException {
        String id = newId(api.environment(), Duration.ZERO);
        Answer answer = api.send("POST", "/v1/requests", token, body(id, pairId, envelope, ttl), until);
        if (isStale(answer)) {
            id = newId(api.environment(), About.clockDistance(api));
            answer = api.send("POST", "/v1/requests", token, body(id, pairId, envelope, ttl), until);
        }
        answer.expect(200, 201);
        return id;
    }

    static String newId(Environment environment, Duration ahead) {
        return RequestIds.at(environment.clock().instant().plus(ahead).toEpochMilli(), environment.random());
    }

    static boolean isStale(Answer answer) {
        return answer.code().equals("stale_request_id");
    }
}
