package dev.harp.relay.config;

import dev.harp.relay.net.Network;
import dev.harp.relay.store.file.Sync;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The options as they count once everything is read, derived, and lowered to what there is room for. */
final class EffectiveValues {
    private static final String HIDDEN = "(set, not shown)";

    private EffectiveValues() {}

    static List<String> of(RelayConfig config) {
        return Arrays.stream(Option.values())
                .map(option -> option + ": " + value(option, config))
                .toList();
    }

    /** One line an option, so that a new one cannot be forgotten here. */
    private static String value(Option option, RelayConfig config) {
        RelayConfig.Server server = config.server();
        RelayConfig.Limits limits = config.limits();
        return switch (option) {
            case PORT -> "" + server.port();
            case HOST -> "\"" + server.host() + "\"";
            case ADMIN_PORT -> "" + config.admin().port();
            case ADMIN_HOST -> "\"" + config.admin().host() + "\"";
            case TRUSTED_PROXIES ->
                server.trustedProxies().stream().map(Network::toString).collect(Collectors.joining(", ", "\"", "\""));
            case MAX_CONNECTIONS -> "" + server.maxConnections();
            case HEADER_TIMEOUT -> seconds(server.headerTimeout());
            case BODY_TIMEOUT -> seconds(server.bodyTimeout());
            case IDLE_TIMEOUT -> seconds(server.idleTimeout());
            case DRAIN_TIMEOUT -> seconds(server.drainTimeout());
            case MAX_BODY -> "" + server.maxBody();
            case REGISTRATION_KEY -> limits.registrationKey().isPresent() ? HIDDEN : "\"\"";
            case RATE_LIMIT_PAIR -> "" + limits.submissionsPerMinute();
            case RATE_LIMIT_CLIENT -> "" + limits.callsPerMinute();
            case MAX_OPEN_REQUESTS -> "" + config.terms().maxOpenRequests();
            case MAX_WAITERS -> "" + limits.waiters();
            case MAX_WAIT -> seconds(limits.maxWait());
            case MAX_STREAM -> seconds(limits.maxStream());
            case STREAM_HEARTBEAT -> seconds(limits.heartbeat());
            case CORS_ORIGINS -> "\"" + limits.origins() + "\"";
            case STORE -> config.storage().toString();
            case FSYNC -> config.storage() instanceof Storage.InFile(var _, Sync sync) ? word(sync) : word(Sync.ALWAYS);
            case RETENTION -> seconds(config.terms().retention());
            case REPLAY_WINDOW -> seconds(config.terms().replayWindow());
            case MAX_CIPHERTEXT -> "" + config.terms().maxCiphertext();
            case MAX_STORED_BYTES -> "" + config.capacity().bytes();
            case MAX_PAIRINGS -> "" + config.capacity().pairings();
            case MAX_DEVICES -> "" + config.capacity().devices();
            case WEBHOOKS -> config.webhooks().on() ? "on" : "off";
            case WEBHOOK_ALLOW -> "\"" + config.webhooks().allow() + "\"";
            case PUSH ->
                config.push().services().isEmpty()
                        ? "\"off\""
                        : config.push().services().stream().sorted().collect(Collectors.joining(", ", "\"", "\""));
            case PUSH_ALLOW -> "\"" + config.push().allow() + "\"";
            case EXPO_URL -> "\"" + config.push().expoUrl() + "\"";
            case EXPO_ACCESS_TOKEN -> config.push().expoAccessToken().isPresent() ? HIDDEN : "\"\"";
            case VAPID_KEY -> config.push().vapidKey().isPresent() ? HIDDEN : "\"\"";
            case VAPID_SUBJECT -> "\"" + config.push().vapidSubject().orElse("") + "\"";
            case LOG_LEVEL -> word(config.log().level());
            case LOG_FORMAT -> word(config.log().format());
            case LOG_CLIENT -> word(config.log().client());
        };
    }

    private static String seconds(Duration time) {
        return "" + time.toSeconds();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
