package dev.harp.relay.protocol;

import java.util.List;

/**
 * From where something was opened: the client's networks, by names that tell no address.
 *
 * <p>A name is the kind of the network ({@code 4} for an IPv4 address; {@code 64}, {@code 56} or {@code 48} for an IPv6
 * network of that prefix), a {@code -}, and 16 hex digits of an HMAC-SHA256 under the store's key, such as
 * {@code 64-9f86d081884c7d65}.
 *
 * @param networks the names, the narrowest network first: one of an IPv4 client, three of an IPv6 client
 */
public record Opener(List<String> networks) {
    /** Counts for nobody: a client without share, or a record of a version that noted no opener. */
    public static final Opener NONE = new Opener(List.of());

    /** Copies the names. */
    public Opener {
        networks = List.copyOf(networks);
    }
}
