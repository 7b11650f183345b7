package dev.harp.relay.store.redis;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redis.clients.jedis.HostAndPort;

/**
 * The address of Redis, and the user as whom the relay logs in.
 *
 * @param tls whether to use TLS; the JVM must trust the certificate, and it must be for the host
 * @param hosts the server, or the Sentinels that watch it
 * @param master the name by which the Sentinels know the server; empty without Sentinels
 * @param user the ACL user; empty for the default one
 * @param password the password at the server; Sentinels are asked without one
 * @param database the number of the database, 0 to 9999
 */
public record RedisAddress(
        boolean tls,
        List<HostAndPort> hosts,
        Optional<String> master,
        Optional<String> user,
        Optional<String> password,
        int database) {
    private static final int PORT = 6379;
    private static final int SENTINEL_PORT = 26_379;
    private static final String LOGIN = "(?:(?<user>[^:/]*):(?<password>[^/]+)@)?";
    private static final String DATABASE = "(?:/(?<database>0|[1-9][0-9]{0,3})?)?";
    private static final Pattern PLAIN = Pattern.compile("redis(?<tls>s?)://" + LOGIN + "(?<hosts>[^/@,]+)" + DATABASE);
    private static final Pattern SENTINELS = Pattern.compile(
            "redis(?<tls>s?)\\+sentinel://" + LOGIN + "(?<hosts>[^/@]+)/(?<master>[A-Za-z0-9._-]+)" + DATABASE);

    /** An underscore is in names that Docker gives, though no DNS name may have one. */
    private static final Pattern HOST = Pattern.compile("(?:(?<name>[A-Za-z0-9_][A-Za-z0-9_.-]{0,252})"
            + "|\\[(?<address>[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?)])(?::(?<port>[1-9][0-9]{0,4}))?");

    /** Copies the hosts. */
    public RedisAddress {
        hosts = List.copyOf(hosts);
    }

    /**
     * Parses an address: {@code redis://[[user]:password@]host[:port][/database]}, with {@code rediss} for TLS, or
     * {@code redis+sentinel://[[user]:password@]host[:port][,host[:port]]/master[/database]}. Empty if the text is not
     * an address.
     */
    public static Optional<RedisAddress> parse(String text) {
        Matcher plain = PLAIN.matcher(text);
        Matcher sentinels = SENTINELS.matcher(text);
        try {
            if (plain.matches()) {
                return Optional.of(of(plain, PORT, Optional.empty()));
            }
            return sentinels.matches()
                    ? Optional.of(of(sentinels, SENTINEL_PORT, Optional.of(sentinels.group("master"))))
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static RedisAddress of(Matcher form, int defaultPort, Optional<String> master) {
        return new RedisAddress(
                !form.group("tls").isEmpty(),
                Stream.of(form.group("hosts").split(",", -1))
                        .map(host -> host(host, defaultPort))
                        .toList(),
                master,
                Optional.ofNullable(form.group("user"))
                        .map(RedisAddress::decoded)
                        .filter(user -> !user.isEmpty()),
                Optional.ofNullable(form.group("password")).map(RedisAddress::decoded),
                Integer.parseInt(Optional.ofNullable(form.group("database")).orElse("0")));
    }

    private static HostAndPort host(String text, int defaultPort) {
        Matcher form = HOST.matcher(text);
        int port = form.matches() && form.group("port") != null ? Integer.parseInt(form.group("port")) : defaultPort;
        if (!form.matches() || port > 65_535) {
            throw new IllegalArgumentException("not a host and a port");
        }
        return new HostAndPort(Optional.ofNullable(form.group("address")).orElse(form.group("name")), port);
    }

    /** Percent-encoding only: a plus stands for itself. */
    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Without user and password. */
    @Override
    public String toString() {
        String where =
                String.join(",", hosts.stream().map(HostAndPort::toString).toList());
        return (tls ? "rediss" : "redis") + (master.isPresent() ? "+sentinel" : "") + "://" + where
                + master.map(name -> "/" + name).orElse("") + "/" + database;
    }
}
