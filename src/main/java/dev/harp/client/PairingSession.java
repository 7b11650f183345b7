package dev.harp.client;

import dev.harp.client.RelayApi.Answer;
import dev.harp.client.RelayException.Kind;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Checked;
import dev.harp.message.Envelope;
import dev.harp.message.Join;
import dev.harp.message.PairingLink;
import dev.harp.message.PlatformHandshake;
import dev.harp.message.PlatformOffer;
import dev.harp.message.PlatformPairing;
import dev.harp.message.Reason;
import dev.harp.message.WebAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * The platform's side of one pairing, from the link to the confirmation (docs/messages.md, sections 4 to 6). In this
 * order: show {@link #link}, {@link #awaitDevice}, {@link #check} the digits that the person reads from the device,
 * {@link #complete}. Closing a session that is not complete revokes it. For one thread.
 */
public final class PairingSession implements AutoCloseable {
    /** How long a device may take to join. */
    public static final Duration VALID = Duration.ofSeconds(300);

    private final RelayApi api;
    private final PlatformOffer offer;
    private final PairingLink link;
    private final String token;
    private final long joinBy;
    private Optional<PlatformHandshake> handshake = Optional.empty();
    private String helloId = "";
    private long confirmBy;
    private int wrongCodes;
    private boolean checked;
    private boolean skipped;
    private boolean ended;

    /**
     * What a session is opened with.
     *
     * @param relay the address that this platform calls
     * @param publicRelay the address that devices call; usually the same, or what {@link About#publicUrl} says
     * @param page the app's address, which ends in a slash
     * @param registrationKey what the relay's operator may ask of whoever opens a pairing
     * @param name what the person calls this platform, 1 to 64 bytes
     * @param host this machine's name, 1 to 64 bytes
     */
    public record Settings(
            String relay, String publicRelay, String page, Optional<String> registrationKey, String name, String host) {

        public Settings {
            if (registrationKey.filter(key -> !isRegistrationKey(key)).isPresent()) {
                throw new IllegalArgumentException("the registration key may hold printable ASCII only, and no blanks");
            }
        }

        /** Whether a text can be a registration key at all: it goes into a header field. */
        public static boolean isRegistrationKey(String text) {
            return RelayApi.isBearer(text);
        }

        /** A relay that serves the app itself, and is called by the same address from everywhere. */
        public static Settings of(String relay, String name, String host) {
            return new Settings(relay, relay, relay + "/app/", Optional.empty(), name, host);
        }

        /** Never shows the key. */
        @Override
        public String toString() {
            return "Settings[" + relay + ", " + publicRelay + ", " + page + ", " + name + ", " + host + "]";
        }
    }

    /** What became of waiting for a device. */
    public sealed interface Arrival {}

    /** A device that has seen the link has joined. */
    public record Joined(Join device) implements Arrival {}

    /** Nobody joined in time, or somebody guessed at the secret. */
    public record Nobody() implements Arrival {}

    /** Somebody joined who has not seen the link, such as the relay itself. The pairing is revoked. */
    public record Stranger(Reason reason) implements Arrival {}

    /** What became of a typed code. */
    public enum Check {
        /** It is the device's. */
        RIGHT,
        /** It is not; another attempt is left. */
        WRONG,
        /** The third wrong one, or too late. The pairing is revoked. */
        REVOKED
    }

    /** How a session ends. */
    public sealed interface Completion {}

    /** The person has confirmed on the device. */
    public record Paired(PlatformCredentials credentials) implements Completion {}

    /** Nobody confirmed in time, or the device withdrew. The pairing is revoked. */
    public record NotConfirmed() implements Completion {}

    /** The confirmation was not the device's. The pairing is revoked. */
    public record NotGenuine(Reason reason) implements Completion {}

    private PairingSession(RelayApi api, PlatformOffer offer, PairingLink link, String token) {
        this.api = api;
        this.offer = offer;
        this.link = link;
        this.token = token;
        this.joinBy = api.environment().in(VALID);
    }

    /**
     * Opens a session at the relay.
     *
     * @throws RelayException if the relay cannot be reached or refuses, for example for want of its registration key
     * @throws IllegalArgumentException if a setting is out of its bounds
     */
    public static PairingSession open(Settings settings, Environment environment)
            throws RelayException, InterruptedException {
        PlatformOffer offer = value(PlatformOffer.create(settings.name(), settings.host(), environment.random()));
        if (WebAddress.parse(settings.publicRelay()).isEmpty()) {
            throw new IllegalArgumentException("no address of a relay: " + settings.publicRelay());
        }
        RelayApi api = new RelayApi(settings.relay(), environment);
        try {
            Members body = JsonTree.object()
                    .add("secret_hash", offer.secretHash())
                    .add("ttl", VALID.toSeconds())
                    .build();
            Answer opened = api.send(
                            "POST", "/v1/pairs", settings.registrationKey().orElse(""), body)
                    .expect(201);
            PairingLink link = value(
                    offer.link(opened.required("pair_id", RelayApi.PAIR_ID), settings.publicRelay(), settings.page()));
            return new PairingSession(api, offer, link, opened.required("platform_token", RelayApi.WORD));
        } catch (RelayException | RuntimeException | InterruptedException e) {
            api.close();
            throw e;
        }
    }

    private static <T> T value(Checked<T> checked) {
        return switch (checked) {
            case Checked.Ok<T>(T value) -> value;
            case Checked.Refused<T>(Reason reason) -> throw new IllegalArgumentException(reason.code());
        };
    }

    /** What to show to the person, and to nobody else. */
    public PairingLink link() {
        return link;
    }

    /** How long a device may still join. */
    public Duration left() {
        return api.environment().until(joinBy);
    }

    /**
     * Waits until a device has joined, and sends it this platform's hello.
     *
     * @throws RelayException if the relay cannot be reached
     */
    public Arrival awaitDevice() throws RelayException, InterruptedException {
        while (true) {
            Duration left = left();
            long begun = api.environment().nanoTime().getAsLong();
            Answer answer;
            try {
                answer = api.poll("/v1/pairs/" + link.pairId(), token, RelayApi.LONG_POLL, joinBy)
                        .expect(200);
            } catch (RelayException e) {
                if (e.kind() == Kind.ENDED || e.kind() == Kind.UNAUTHORIZED || left().isZero()) {
                    close();
                    return new Nobody();
                }
                throw e;
            }
            if (answer.required("status").equals("active")) {
                return greet(answer.body().text("payload").orElse(""));
            }
            if (left.isZero()) {
                close();
                return new Nobody();
            }
            api.pauseIfEarly(begun, joinBy);
        }
    }

    private Arrival greet(String payload) throws RelayException, InterruptedException {
        return switch (offer.open(link, payload)) {
            case Checked.Refused<PlatformHandshake>(Reason reason) -> {
                close();
                yield new Stranger(reason);
            }
            case Checked.Ok<PlatformHandshake>(PlatformHandshake opened) -> {
                Envelope hello = opened.sealHello(api.environment().random());
                confirmBy = api.environment().in(Duration.ofSeconds(PlatformHandshake.TTL));
                helloId = Submissions.submit(api, token, link.pairId(), hello, PlatformHandshake.TTL, confirmBy);
                handshake = Optional.of(opened);
                yield new Joined(opened.join());
            }
        };
    }

    /** How long the code may still be typed, and the device may confirm. */
    public Duration confirmationLeft() {
        return api.environment().until(confirmBy);
    }

    /**
     * Checks the six digits that the person reads from the device; blanks are ignored.
     *
     * @throws IllegalStateException before a device has joined
     */
    public Check check(String digits) {
        if (ended || confirmationLeft().isZero()) {
            close();
            return Check.REVOKED;
        }
        if (handshake().isCheckCode(digits)) {
            checked = true;
            return Check.RIGHT;
        }
        wrongCodes++;
        if (wrongCodes >= PlatformHandshake.MAX_WRONG_CODES) {
            close();
            return Check.REVOKED;
        }
        return Check.WRONG;
    }

    /** Leaves the check out, at the person's explicit wish. The credentials say so for ever. */
    public void skipCheck() {
        skipped = true;
    }

    private PlatformHandshake handshake() {
        return handshake.orElseThrow(() -> new IllegalStateException("no device has joined"));
    }

    /**
     * Waits until the person has confirmed on the device.
     *
     * @throws RelayException if the relay cannot be reached
     * @throws IllegalStateException if the code was neither right nor left out
     */
    public Completion complete() throws RelayException, InterruptedException {
        if (!checked && !skipped) {
            throw new IllegalStateException("the code has not been checked");
        }
        while (true) {
            Duration left = confirmationLeft();
            long begun = api.environment().nanoTime().getAsLong();
            Answer answer = api.poll("/v1/requests/" + helloId, token, RelayApi.LONG_POLL, confirmBy);
            String state = answer.status() == 200 ? answer.required("state") : "";
            if (state.equals("responded")) {
                return judge(answer.body());
            }
            boolean open = state.equals("pending") || state.equals("delivered");
            if (!open || left.isZero()) {
                close();
                return new NotConfirmed();
            }
            api.pauseIfEarly(begun, confirmBy);
        }
    }

    private Completion judge(Members timeline) {
        if (confirmationLeft().isZero()) {
            close();
            return new NotConfirmed();
        }
        Optional<Envelope> response = timeline.get("response")
                .filter(Members.class::isInstance)
                .flatMap(member -> Values.envelope((Members) member));
        Checked<PlatformPairing> pairing = response.map(envelope -> handshake().complete(helloId, envelope))
                .orElseGet(() -> new Checked.Refused<>(Reason.ENVELOPE));
        return switch (pairing) {
            case Checked.Ok<PlatformPairing>(PlatformPairing paired) -> {
                ended = true;
                long now = api.environment().now();
                api.close();
                yield new Paired(new PlatformCredentials(api.relay(), token, paired, now, checked));
            }
            case Checked.Refused<PlatformPairing>(Reason reason) -> {
                close();
                yield new NotGenuine(reason);
            }
        };
    }

    /** Revokes the pairing unless it is complete. The relay lets it run out if it cannot be reached. */
    @Override
    public void close() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            api.delete("/v1/pairs/" + link.pairId(), token);
        } catch (RelayException e) {
            // A pairing that nobody has completed has no key that anybody uses.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            api.close();
        }
    }
}
