package dev.harp.relay.config;

import dev.harp.relay.log.Logs;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.Network;
import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.push.VapidKeys;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Storage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that the operator may choose, checked. {@code application.yaml} says what each option means.
 *
 * @param server where and how the relay listens
 * @param admin where the operator looks
 * @param limits who may do how much
 * @param storage where the records are kept
 * @param terms the protocol's numbers
 * @param capacity how much the store may hold
 * @param webhooks whom the relay may call
 * @param push by way of whom it wakes devices
 * @param log what is said
 * @param warnings what was given and could not be kept, a line each
 */
public record RelayConfig(
        Server server,
        Admin admin,
        Limits limits,
        Storage storage,
        ProtocolLimits terms,
        Capacity capacity,
        WebhookSender webhooks,
        Push push,
        Log log,
        List<String> warnings,
        List<String> lines) {

    /**
     * Where and how the relay listens.
     *
     * @param host the address to bind
     * @param port the port, 0 for any
     * @param trustedProxies whose {@code X-Forwarded-For} is believed
     * @param maxConnections how many connections at once
     * @param headerTimeout for a request's head
     * @param bodyTimeout for a request's body
     * @param idleTimeout between two requests
     * @param drainTimeout for the last answers at a stop
     * @param maxBody the longest body, in bytes
     */
    public record Server(
            String host,
            int port,
            List<Network> trustedProxies,
            int maxConnections,
            Duration headerTimeout,
            Duration bodyTimeout,
            Duration idleTimeout,
            Duration drainTimeout,
            int maxBody) {}

    /**
     * Where the operator looks: metrics, and whether the relay is well.
     *
     * @param host the address to bind
     * @param port the port, 0 for any
     */
    public record Admin(String host, int port) {}

    /**
     * Who may do how much.
     *
     * @param registrationKey the digest of what a platform needs to open a pairing, if it needs any
     * @param submissionsPerMinute of one pairing; 0 is no limit
     * @param callsPerMinute of one client; 0 is no limit
     * @param waiters how many long polls and streams of events at once
     * @param maxWait the longest wait
     * @param maxStream how long a stream of events lasts at most
     * @param heartbeat after how long without an event a stream gives a sign of life
     * @param origins which web pages may call
     */
    public record Limits(
            Optional<Sha256> registrationKey,
            int submissionsPerMinute,
            int callsPerMinute,
            int waiters,
            Duration maxWait,
            Duration maxStream,
            Duration heartbeat,
            Origins origins) {}

    /**
     * Whom the relay may call.
     *
     * @param on whether it calls anybody
     * @param allow whom, beside the public internet
     */
    public record WebhookSender(boolean on, AllowList allow) {}

    /**
     * By way of whom it wakes devices.
     *
     * @param services their names: {@code expo}, {@code webpush}; empty if it wakes nobody
     * @param allow which web push services, beside the public internet
     * @param expoUrl where Expo's service is
     * @param expoAccessToken what Expo is shown, if anything
     * @param vapidKey the key by which web push services know this relay; there if {@code webpush} is
     * @param vapidSubject whom web push services may turn to, a {@code mailto:} or {@code https:} URL; there if {@code webpush} is
     */
    public record Push(
            Set<String> services,
            AllowList allow,
            String expoUrl,
            Optional<String> expoAccessToken,
            Optional<VapidKeys> vapidKey,
            Optional<String> vapidSubject) {

        /** Copies the names. */
        public Push {
            services = Set.copyOf(services);
        }

        /** Without the keys: they are not for logs. */
        @Override
        public String toString() {
            return "Push" + services;
        }
    }

    /**
     * What is said.
     *
     * @param level how much
     * @param format how an event is written
     * @param client how much of a client's address
     */
    public record Log(System.Logger.Level level, Logs.Format format, AddressFormat client) {}
}
