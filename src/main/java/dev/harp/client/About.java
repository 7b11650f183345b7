package dev.harp.client;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Whole;
import dev.harp.message.WebAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the relay says about itself (docs/protocol.md, 12.3). Nothing in it is trusted with keys: the page of the app is
 * named by the person, or stands under the relay's own public address.
 *
 * @param time the relay's clock; corrects the time in request ids, and no judgement
 * @param publicUrl where devices reach the relay, if its operator has said so; an address of pairing links
 * @param servesApp whether the approver's app is served there, under {@code /app/}
 * @param vapidKey the public key that a browser subscribes to Web Push with, if the relay sends Web Push
 * @param maxCiphertext characters of the longest envelope that the relay takes, if it says so
 */
public record About(
        Instant time,
        Optional<String> publicUrl,
        boolean servesApp,
        Optional<String> vapidKey,
        OptionalLong maxCiphertext) {

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
        Optional<String> publicUrl = body.text("public_url");
        if (publicUrl.isPresent() && publicUrl.flatMap(WebAddress::parse).isEmpty()) {
            throw RelayException.unexpected("with a public_url that is no address of a relay");
        }
        return new About(
                Instant.ofEpochSecond(answer.requiredWhole("time")),
                publicUrl,
                app,
                body.text("vapid_public_key"),
                limit(body, "max_ciphertext"));
    }

    private static OptionalLong limit(Members body, String name) {
        return body.get("limits").orElse(new JsonTree.Flag(false)) instanceof Members limits
                        && limits.get(name).orElse(new JsonTree.Flag(false)) instanceof Whole(long value)
                ? OptionalLong.of(value)
                : OptionalLong.empty();
    }

    /** The address for a pairing link: the public one, or else the one that the platform calls. */
    public String linkAddress(String called) {
        return publicUrl.orElse(called);
    }

    /**
     * The page of the app at the relay, if a person who has named the relay's address has thereby named the page's host
     * too. The page gets the device's keys, so the relay must not choose its host: a public address on another host
     * counts only if the person has named this machine, whose relay is theirs.
     *
     * @param named the address that the person has named
     * @return empty if the person has to name the page
     */
    public Optional<String> page(String named) {
        Optional<WebAddress> own = WebAddress.parse(named);
        return WebAddress.parse(linkAddress(named))
                .filter(told -> own.filter(a -> a.isLoopback() || a.host().equals(told.host()))
                        .isPresent())
                .map(told -> told.text() + "/app/");
    }

    /** How far the relay's clock is ahead of this machine's. */
    static Duration clockDistance(RelayApi api) throws RelayException, InterruptedException {
        return Duration.between(api.environment().clock().instant(), of(api).time());
    }
}
