package dev.harp.relay.outbound;

import java.io.IOException;

/**
 * The bytes received are not an HTTP/1.1 answer, or more than any expected answer has. The message quotes none of them.
 */
public final class NotHttp extends IOException {
    private static final long serialVersionUID = 1L;

    NotHttp(String what) {
        super(what);
    }
}
