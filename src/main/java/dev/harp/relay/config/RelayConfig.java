package dev.harp.relay.config;

import dev.harp.relay.log.Logs;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.Network;
import dev.harp.relay.net.Origins;
import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.outbound.Ports;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.push.VapidKeys;
import dev.harp.relay.store.Capacity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The checked configuration. {@code application.yaml} describes each option.
 *
 * @param server the public listener
 * @param admin the admin listener
 * @param limits limits of calls
 * @param storage where records are kept
 * @param terms limits of the protocol
 * @param capacity limits of the store
 * @param buffers bytes of memory for what is being read and written
 * @param fetchedAnswers of how many answers the relay notes that their platforms have fetched them
 * @param webhooks outbound webhooks
 * @param push push notifications
 * @param log the log
 * @param warnings a line for each value that had to be changed
 * @param lines every option with its effective value, a line each; of a secret only whether it is set
 */
public record RelayConfig(
        Server server,
        Admin admin,
        Limits limits,
        Storage storage,
        ProtocolLimits terms,
        Capacity capacity,
        long buffers,
        int fetchedAnswers,
        WebhookSender webhooks,
        Push push,
        Log log,
        List<String> warnings,
        List<String> lines) {

    /**
     * The public listener.
     *
     * @param host the address to bind
     * @param port the port, 0 for any
     * @param publicUrl where devices reach the relay, if the operator says so; without a slash at its end
     * @param app whether to serve the approver's app
     * @param trustedProxies proxies whose {@code X-Forwarded-For} is trusted
     * @param maxConnections the maximum number of open connections
     * @param headerTimeout for the headers of a request
     * @param bodyTimeout for the body of a request
     * @param idleTimeout between two requests
     * @param drainTimeout for the last responses at a shutdown
     * @param maxBody the maximum length of a body, in bytes
     */
    public record Server(
            String host,
            int port,
            Optional<String> publicUrl,
            boolean app,
            List<Network> trustedProxies,
            int maxConnections,
            Duration headerTimeout,
            Duration bodyTimeout,
            Duration idleTimeout,
            Duration drainTimeout,
            int maxBody) {}

    /**
     * The admin listener, for metrics and health.
     *
     * @param host the address to bind
     * @param port the port, 0 for any
     */
    public record Admin(String host, int port) {}

    /**
     * Limits of calls.
     *
     * @param registrationKey the digest of the key that opening a pairing requires, if one is set
     * @param submissionsPerMinute of one pairing; 0 is no limit
     * @param callsPerMinute of one client; 0 is no limit
     * @param waiters the maximum number of parked long polls and event streams
     * @param maxWait the longest wait of a long poll
     * @param maxStream the longest duration of an event stream
     * @param heartbeat the time without an event after which a stream sends a heartbeat
     * @param origins the origins of web pages that may call
     * @param withoutShare the networks whose clients may hold as much as there is
     */
    public record Limits(
            Optional<Sha256> registrationKey,
            int submissionsPerMinute,
            int callsPerMinute,
            int waiters,
            Duration maxWait,
            Duration maxStream,
            Duration heartbeat,
            Origins origins,
            List<Network> withoutShare) {}

    /**
     * Outbound webhooks.
     *
     * @param on whether platforms may register webhooks
     * @param allow receivers allowed in addition to public addresses
     */
    public record WebhookSender(boolean on, AllowList allow, Ports ports) {}

    /**
     * Push notifications.
     *
     * @param services the push services, of {@code expo} and {@code webpush}; empty if push is off
     * @param whyOff if push is off because nobody has chosen: why, as the beginning of a sentence that says what to do
     * @param allow web push services allowed in addition to public addresses
     * @param expoUrl the URL of Expo's push service
     * @param expoAccessToken the access token for Expo, if one is set
     * @param vapidKey the key pair for web push, if the operator has set one; otherwise the store has it
     * @param vapidSubject the contact for web push services, a {@code mailto:} or {@code https:} URL; present if
     *     {@code webpush} is on
     */
    public record Push(
            Set<String> services,
            Optional<String> whyOff,
            AllowList allow,
            String expoUrl,
            Optional<String> expoAccessToken,
            Optional<VapidKeys> vapidKey,
            Optional<String> vapidSubject) {

        /** Copies the names. */
        public Push {
            services = Set.copyOf(services);
        }

        /** Without the secrets. */
        @Override
        public String toString() {
            return "Push" + services;
        }
    }

    /**
     * The log.
     *
     * @param client how much of a client's address is logged
     */
    public record Log(System.Logger.Level level, Logs.Format format, AddressFormat client) {}
}
