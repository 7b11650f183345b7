package dev.harp.relay.http.edge;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * The header section that a connection reads, and what it takes of the heap. Helidon bounds its bytes. It keeps an
 * object and an array for each read, and about 200 bytes for each field, so this bounds their numbers: otherwise a head
 * that comes byte by byte, or in fields of a few bytes, takes thirty times its size for as long as the client likes.
 *
 * <p>Bytes are looked at once. A head that comes in one read is looked at when it is complete, without its body.
 */
final class Head {
    /** How many reads one header section may take. With packets of 1,400 bytes the longest one takes 15. */
    static final int MAX_READS = 128;

    /** How many fields one header section may have. */
    static final int MAX_FIELDS = 64;

    /** With the request line, and the empty line at the end. */
    private static final int MAX_LINES = MAX_FIELDS + 2;

    /** Bytes of the empty line that a request may begin with (RFC 9112, section 2.2). */
    static final int EMPTY_LINE = 2;

    private final ConnectionGuard guard;
    private final InetAddress peer;
    private boolean unfinished;
    private byte[] read = {};
    private int from;
    private int reads;
    private int lines;
    private int bytes;

    /** The first one of a connection of the peer. */
    Head(ConnectionGuard guard, InetAddress peer) {
        this.guard = guard;
        this.peer = peer;
    }

    /** The first bytes of a request, without an empty line before it. */
    static byte[] withoutEmptyLine(byte[] bytes) {
        return bytes.length >= EMPTY_LINE && bytes[0] == '\r' && bytes[1] == '\n'
                ? Arrays.copyOfRange(bytes, EMPTY_LINE, bytes.length)
                : bytes;
    }

    /** One read was not enough: whether the client may send the rest. */
    boolean mayBeUnfinished() {
        unfinished = unfinished || guard.headUnfinished(peer);
        return unfinished;
    }

    /** It is complete, or the connection has ended. */
    void ended() {
        if (unfinished) {
            unfinished = false;
            guard.headEnded(peer);
        }
    }

    /** A request may begin. The last so many bytes that were read belong to it already. */
    void begin(int available) {
        from = Math.max(0, read.length - available);
        reads = 0;
        lines = 0;
        bytes = 0;
    }

    /** More bytes have come; while the section is incomplete they belong to it. */
    void add(byte[] next) {
        count(read.length);
        reads++;
        read = next;
        from = 0;
    }

    /** Bytes of something else have come: of a body, or what is discarded. */
    void pass(byte[] next) {
        read = next;
    }

    /** The section is complete, and the last so many bytes that were read are no part of it. */
    void complete(int available) {
        count(Math.max(from, read.length - available));
        ended();
    }

    private void count(int to) {
        bytes += to - from;
        for (; from < to; from++) {
            lines += read[from] == '\n' ? 1 : 0;
        }
    }

    /** Whether it has come in too many pieces, or has too many fields. */
    boolean isTooLarge() {
        return reads > MAX_READS || lines > MAX_LINES;
    }

    /** How many bytes it has, once it is complete. */
    int bytes() {
        return bytes;
    }

    /** The bytes of the last read, of whatever they are. */
    byte[] lastRead() {
        return read;
    }
}
