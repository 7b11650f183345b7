import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.DevicesApi;
import org.openapitools.client.api.PairingsApi;
import org.openapitools.client.api.RelayApi;
import org.openapitools.client.api.RequestsApi;
import org.openapitools.client.model.Answer;
import org.openapitools.client.model.Binding;
import org.openapitools.client.model.DeviceList;
import org.openapitools.client.model.OpenedPairing;
import org.openapitools.client.model.PairingOpening;
import org.openapitools.client.model.PairingView;
import org.openapitools.client.model.Problem;
import org.openapitools.client.model.RegisteredDevice;
import org.openapitools.client.model.Registration;
import org.openapitools.client.model.RequestView;
import org.openapitools.client.model.Submission;
import org.openapitools.client.model.SubmittedRequest;

/** An approval by the generated client, from both ends. The argument is the relay's address. */
public final class Approval {
    private static ApiClient client(String relay, String token) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(relay);
        client.setReadTimeout(Duration.ofSeconds(90));
        // This library has no setting for bearer tokens.
        Consumer<HttpRequest.Builder> bearer = request -> request.header("Authorization", "Bearer " + token);
        client.setRequestInterceptor(token.isEmpty() ? null : bearer);
        return client;
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A UUIDv7 of this time, in Unix seconds. */
    private static String requestId(long time) {
        UUID random = UUID.randomUUID();
        long high = (time * 1000) << 16 | 0x7000 | random.getMostSignificantBits() & 0xFFF;
        return new UUID(high, random.getLeastSignificantBits()).toString();
    }

    private interface Call<T> {
        T call() throws ApiException;
    }

    private static <T> CompletableFuture<T> waiting(Call<T> call) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return call.call();
            } catch (ApiException e) {
                throw new IllegalStateException(e.getResponseBody(), e);
            }
        });
    }

    public static void main(String[] arguments) throws Exception {
        String relay = arguments[0];
        ApiClient anyone = client(relay, "");
        System.out.println("forwarded " + new RelayApi(anyone).readAbout().getForwarded());

        String secretHash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(UUID.randomUUID().toString().getBytes()));
        RegisteredDevice registered = new DevicesApi(anyone).registerDevice(new Registration());
        String deviceId = registered.getDeviceId();
        ApiClient device = client(relay, registered.getDeviceToken());
        OpenedPairing opened = new PairingsApi(anyone)
                .openPairing(new PairingOpening().secretHash(secretHash).ttl(60));
        ApiClient platform = client(relay, opened.getPlatformToken());
        String pairId = opened.getPairId();
        CompletableFuture<PairingView> joining = waiting(() -> new PairingsApi(platform).readPairing(pairId, 60));
        new PairingsApi(device)
                .bindDevice(pairId, new Binding().secretHash(secretHash).payload(base64("keys")));
        PairingView joined = joining.join();
        System.out.println("paired " + joined.getStatus() + " " + deviceId.equals(joined.getDeviceId()) + " "
                + joined.getPayload());

        long time = new RelayApi(anyone).readAbout().getTime();
        String id = requestId(time);
        String ciphertext = base64("a question");
        CompletableFuture<DeviceList> listing = waiting(() -> new DevicesApi(device).listRequests(deviceId, 60, null));
        SubmittedRequest submitted = new RequestsApi(platform)
                .submitRequest(new Submission()
                        .requestId(id)
                        .pairId(pairId)
                        .nonce(base64("nonce"))
                        .ciphertext(ciphertext));
        System.out.println("submitted " + submitted.getState());
        listing.join()
                .getRequests()
                .forEach(each -> System.out.println(
                        "listed " + each.getState() + " " + ciphertext.equals(each.getCiphertext())));

        CompletableFuture<RequestView> outcome = waiting(() -> new RequestsApi(platform).readRequest(id, 60));
        new RequestsApi(device)
                .answerRequest(id, new Answer().nonce(base64("other")).ciphertext(base64("yes")));
        RequestView done = outcome.join();
        long seconds = done.getRespondedAt() - done.getCreatedAt();
        System.out.println("final " + done.getState() + " " + done.getPush() + " "
                + base64("yes").equals(done.getResponse().getCiphertext()) + " " + (seconds >= 0));

        try {
            new RequestsApi(platform).cancelRequest(id);
        } catch (ApiException e) {
            Problem problem = anyone.getObjectMapper().readValue(e.getResponseBody(), Problem.class);
            System.out.println("refused " + e.getCode() + " " + problem.getCode());
        }
        System.out.println("removed "
                + new DevicesApi(device).removeDeviceWithHttpInfo(deviceId).getStatusCode());
    }
}
