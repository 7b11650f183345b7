package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.Device;
import dev.harp.client.DeviceState;
import dev.harp.client.DeviceStore;
import dev.harp.client.Environment;
import dev.harp.client.Inbox;
import dev.harp.client.Joining;
import dev.harp.client.RelayException;
import dev.harp.message.Answer;
import dev.harp.message.Bytes;
import dev.harp.message.Decision;
import dev.harp.message.PairingLink;
import dev.harp.message.Passkey;
import dev.harp.message.PasskeyAlgorithm;
import dev.harp.message.Question;
import dev.harp.message.ReceivedQuestion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A device in the test's JVM. Other than {@code harp device} it can have a passkey, and answer what is not genuine. */
final class TestPhone implements AutoCloseable {
    private final String relay;
    private final DeviceStore store = DeviceStore.inMemory();
    private final Device device;

    TestPhone(String relay) {
        this.relay = relay;
        this.device = new Device(relay, store, Environment.system());
    }

    /** A passkey that offers {@code biometric} and {@code elevated}; its private key is thrown away. */
    static List<Passkey> passkeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            byte[] key = generator.generateKeyPair().getPublic().getEncoded();
            return List.of(new Passkey(PasskeyAlgorithm.ES256, Bytes.of(key), false));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** Joins, and waits for the platform's hello. */
    Greeting join(String link, List<Passkey> passkeys) throws RelayException, InterruptedException {
        Optional<String> origin = passkeys.isEmpty() ? Optional.empty() : Optional.of("https://app.example.org");
        Device.JoinResult result = device.join(link, PairingLink.Http.LOOPBACK_ONLY, "Test phone", origin, passkeys);
        if (result instanceof Device.Begun(Joining joining)
                && joining.awaitHello() instanceof Joining.Greeted(var handshake)) {
            return new Greeting(joining, handshake.checkCode());
        }
        throw new AssertionError("not joined: " + result);
    }

    /** What the phone shows after joining. */
    record Greeting(Joining joining, String digits) {
        /** Six digits that are others. */
        String wrongDigits() {
            return digits.equals("123456") ? "654321" : "123456";
        }

        Joining.Confirmation confirm() throws RelayException, InterruptedException {
            return joining.confirm();
        }
    }

    /**
     * The one question that can be decided; waits until it is there. The relay may show one that has expired for
     * another second.
     */
    Inbox.Card question() throws RelayException, InterruptedException {
        Inbox inbox = device.list(Optional.empty(), Duration.ofSeconds(30));
        List<Inbox.Card> cards = open(inbox);
        for (int i = 0; cards.isEmpty() && i < 30; i++) {
            inbox = device.list(Optional.of(inbox.cursor()), Duration.ofSeconds(1));
            cards = open(inbox);
        }
        if (cards.size() != 1) {
            throw new AssertionError("not one question, but " + cards.size());
        }
        return cards.getFirst();
    }

    private static List<Inbox.Card> open(Inbox inbox) {
        return inbox.cards().stream().filter(card -> card.notNow().isEmpty()).toList();
    }

    /** The open questions. */
    List<Inbox.Card> questions() throws RelayException, InterruptedException {
        return device.list().cards();
    }

    /** Decides about the one open question, by the device's own key alone. */
    Device.DecideResult decide(Decision decision) throws RelayException, InterruptedException {
        return decide(Answer.of(decision, 1_800_000_000).withReason("because"));
    }

    Device.DecideResult decide(Answer answer) throws RelayException, InterruptedException {
        return device.decide(question(), answer);
    }

    /** Decides about the one of several open questions that has this action. */
    Device.DecideResult decide(String action, Answer answer) throws RelayException, InterruptedException {
        List<Inbox.Card> cards = open(device.list()).stream()
                .filter(card -> card.question() instanceof ReceivedQuestion.Understood(Question question, var _)
                        && question.action().equals(action))
                .toList();
        if (cards.size() != 1) {
            throw new AssertionError("not one question '" + action + "', but " + cards.size());
        }
        return device.decide(cards.getFirst(), answer);
    }

    /** Sends an answer of the right form to the one open question, which nobody has sealed. */
    void forge() throws RelayException, IOException, InterruptedException {
        DeviceState state = store.read().orElseThrow();
        String body = "{\"nonce\":\"" + base64(24) + "\",\"ciphertext\":\"" + base64(4_112) + "\"}";
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(relay + "/v1/requests/" + question().requestId() + "/response"))
                .header("Authorization", "Bearer " + state.token())
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body, UTF_8))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError("not taken: " + response.body());
            }
        }
    }

    private static String base64(int bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[bytes]);
    }

    @Override
    public void close() {
        device.close();
    }
}
