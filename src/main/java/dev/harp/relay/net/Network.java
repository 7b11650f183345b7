package dev.harp.relay.net;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A range of addresses, such as {@code 10.0.0.0/8}, {@code ::1} or {@code fd00::/8}.
 *
 * @param address any address in it
 * @param prefix the number of leading bits that count
 */
public record Network(InetAddress address, int prefix) {
    /**
     * The longest text of an address: eight groups, the last two as an IPv4 address. Longer text may be hostile, and is
     * not parsed.
     */
    private static final int LONGEST = 45;

    private static final Pattern V4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    /** Parses a range; a bare address is a range of one. Empty if the text is no range. */
    public static Optional<Network> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return address(text).map(address -> new Network(address, bits(address)));
        }
        String prefix = text.substring(slash + 1);
        if (!prefix.matches("\\d{1,3}")) {
            return Optional.empty();
        }
        return address(text.substring(0, slash))
                .filter(address -> Integer.parseInt(prefix) <= bits(address))
                .map(address -> new Network(address, Integer.parseInt(prefix)));
    }

    /**
     * Parses an address, and never asks a name server. An IPv4-mapped IPv6 address is the IPv4 address. Short forms of
     * IPv4 ({@code 127.1}) and scoped addresses are refused.
     */
    static Optional<InetAddress> address(String text) {
        if (text.length() > LONGEST
                || (!V4.matcher(text).matches() && !V6.matcher(text).matches())) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the range is one address. */
    public boolean single() {
        return prefix == bits(address);
    }

    /** Whether the range contains the address. */
    public boolean contains(InetAddress other) {
        return bits(address) == bits(other) && Arrays.equals(head(address, prefix), head(other, prefix));
    }

    /** The first bits of the address; the others are zero. */
    public static byte[] head(InetAddress address, int prefix) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int keep = Math.clamp(prefix - 8L * i, 0, 8);
            bytes[i] = (byte) (bytes[i] & (0xff00 >> keep));
        }
        return bytes;
    }

    /** The first bits of the address as text, without the name of an interface. */
    static String text(InetAddress address, int prefix) {
        try {
            return InetAddress.getByAddress(head(address, prefix)).getHostAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }

    /** The form of the configuration. */
    @Override
    public String toString() {
        return address.getHostAddress() + (prefix == bits(address) ? "" : "/" + prefix);
    }

    private static int bits(InetAddress address) {
        return address.getAddress().length * 8;
    }
}
