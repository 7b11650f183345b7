package dev.harp.client;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the relay says about itself (docs/protocol.md, 12.3). Nothing in it is trusted with keys: the page of the app is
 * named by the person, or stands under the relay's own public address.
 *
 * @param time the relay's clock; corrects the time in request ids, and no judgement
 * @param publicUrl where devices reach the relay, if its operator has said so
 * @param servesApp whether the approver's app is served there, under {@code /app/}
 * @param vapidKey the public key that a browser subscribes to Web Push with, if the relay sends Web Push
 */
public record About(Instant time, Optional<String> publicUrl, boolean servesApp, Optional<String> vapidKey) {

    /**
     * Asks the relay.
     *
     * @param relay its address, such as {@code https://relay.example}
     * @throws RelayException if it cannot be reached, or is none
     */
    public static About of(String relay, Environment environment) throws RelayException, InterruptedException {
        try (RelayApi api = new RelayApi(relay, environment)) {
            return of(api);
        }
    }

    static About of(RelayApi api) throws RelayException, InterruptedException {
        RelayApi.Answer answer = api.get("/v1/about", "").expect(200);
        Members body = answer.body();
        boolean app = body.get("app").filter(new JsonTree.Flag(true)::equals).isPresent();
        return new About(
                Instant.ofEpochSecond(answer.requiredWhole("time")),
                body.text("public_url"),
                app,
                body.text("vapid_public_key"));
    }

    /** How far the relay's clock is ahead of this machine's. */
    static Duration clockDistance(RelayApi api) throws RelayException, InterruptedException {
        return Duration.between(api.environment().clock().instant(), of(api).time());
    }
}
