package dev.harp.relay.store.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
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
    private static final String SENTINEL = "+sentinel";

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
        int end = text.indexOf("://");
        String scheme = end < 0 ? "" : text.substring(0, end);
        boolean sentinels = scheme.endsWith(SENTINEL);
        String plain = sentinels ? scheme.substring(0, scheme.length() - SENTINEL.length()) : scheme;
        if (!plain.equals("redis") && !plain.equals("rediss")) {
            return Optional.empty();
        }
        String rest = text.substring(end + 3);
        int slash = rest.indexOf('/');
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        List<String> path =
                slash < 0 ? List.of() : List.of(rest.substring(slash + 1).split("/", -1));
        int at = authority.lastIndexOf('@');
        String[] login = (at < 0 ? "" : authority.substring(0, at)).split(":", 2);
        List<Optional<HostAndPort>> hosts = Stream.of(
                        authority.substring(at + 1).split(",", -1))
                .map(host -> host(host, sentinels ? SENTINEL_PORT : PORT))
                .toList();
        Optional<String> master = sentinels ? path.stream().findFirst() : Optional.empty();
        List<String> numbers = sentinels ? path.stream().skip(1).toList() : path;
        String number = numbers.isEmpty() || numbers.getFirst().isEmpty() ? "0" : numbers.getFirst();
        if ((at >= 0 && (login.length != 2 || login[1].isEmpty()))
                || hosts.stream().anyMatch(Optional::isEmpty)
                || (!sentinels && hosts.size() > 1)
                || (sentinels
                        && master.filter(name -> name.matches("[A-Za-z0-9._-]+"))
                                .isEmpty())
                || numbers.size() > 1
                || !number.matches("0|[1-9][0-9]{0,3}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new RedisAddress(
                    plain.equals("rediss"),
                    hosts.stream().flatMap(Optional::stream).toList(),
                    master,
                    Optional.of(decoded(login[0])).filter(user -> !user.isEmpty()),
                    at < 0 ? Optional.empty() : Optional.of(decoded(login[1])),
                    Integer.parseInt(number)));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Optional<HostAndPort> host(String text, int otherwise) {
        try {
            URI uri = new URI("redis://" + text);
            String host = uri.getHost();
            boolean nothingElse = uri.getUserInfo() == null
                    && String.valueOf(uri.getPath()).isEmpty()
                    && uri.getQuery() == null
                    && uri.getFragment() == null;
            if (host == null || !nothingElse || uri.getPort() > 65_535 || uri.getPort() == 0) {
                return Optional.empty();
            }
            String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
            return Optional.of(new HostAndPort(bare, uri.getPort() < 0 ? otherwise : uri.getPort()));
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
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
        return (tls ? "rediss" : "redis") + (master.isPresent() ? SENTINEL : "") + "://" + where
                + master.map(name -> "/" + name).orElse("") + "/" + database;
    }
}
