package dev.harp.relay.config;

import java.util.Arrays;

/**
 * Every option. The name is also that of the environment variable, and of the key in {@code application.yaml}. There,
 * {@code PORT} and {@code HOST} are mapped to the paths of Helidon's server; earlier files have a mapping for each
 * option.
 */
enum Option {
    PORT("server.port"),
    HOST("server.host"),
    ADMIN_PORT("admin.port"),
    ADMIN_HOST("admin.host"),
    PUBLIC_URL("server.public-url"),
    APP("server.app"),
    TRUSTED_PROXIES("server.trusted-proxies"),
    MAX_CONNECTIONS("server.max-connections"),
    HEADER_TIMEOUT("server.header-timeout"),
    BODY_TIMEOUT("server.body-timeout"),
    IDLE_TIMEOUT("server.idle-timeout"),
    DRAIN_TIMEOUT("server.drain-timeout"),
    MAX_BODY("server.max-body"),
    REGISTRATION_KEY("limits.registration-key"),
    RATE_LIMIT_PAIR("limits.submissions-per-minute"),
    RATE_LIMIT_CLIENT("limits.calls-per-minute"),
    MAX_OPEN_REQUESTS("limits.open-requests"),
    MAX_WAITERS("limits.waiters"),
    MAX_WAIT("limits.wait"),
    MAX_STREAM("limits.stream"),
    STREAM_HEARTBEAT("limits.heartbeat"),
    CORS_ORIGINS("limits.cors-origins"),
    STORE("store.kind"),
    FSYNC("store.fsync"),
    RETENTION("store.retention"),
    REPLAY_WINDOW("store.replay-window"),
    MAX_CIPHERTEXT("store.ciphertext"),
    MAX_ANSWER("store.answer"),
    MAX_STORED_BYTES("store.bytes"),
    MAX_PAIRINGS("store.pairings"),
    MAX_DEVICES("store.devices"),
    PAIRING_IDLE("store.pairing-idle"),
    NETWORK_SHARE("store.network-share"),
    SHARE_ALLOW("store.share-allow"),
    WEBHOOKS("webhooks.enabled"),
    WEBHOOK_ALLOW("webhooks.allow"),
    WEBHOOK_PORTS("webhooks.ports"),
    PUSH("push.services"),
    PUSH_ALLOW("push.allow"),
    EXPO_URL("push.expo-url"),
    EXPO_ACCESS_TOKEN("push.expo-access-token"),
    VAPID_KEY("push.vapid-key"),
    VAPID_SUBJECT("push.vapid-subject"),
    LOG_LEVEL("log.level"),
    LOG_FORMAT("log.format"),
    LOG_CLIENT("log.client");

    private final String key;

    Option(String key) {
        this.key = key;
    }

    /** The path of the value in Helidon's configuration. Without a value there, the option's name is the path. */
    String key() {
        return key;
    }

    static boolean isName(String text) {
        return Arrays.stream(values()).anyMatch(option -> option.name().equals(text));
    }

    /** Whether a file may have a value at the path. */
    static boolean isKnown(String path) {
        return isName(path) || Arrays.stream(values()).anyMatch(option -> option.key.equals(path));
    }
}
