package dev.harp.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports for what is to come back on the same one. They are below those that the kernel gives to connections (32768
 * and up on Linux): while a server is away, clients try its port all the time, and one of them could be given that very
 * port for its own end.
 */
public final class Ports {
    private static final int LOWEST = 20_000;
    private static final int COUNT = 12_000;

    private Ports() {}

    /** One that was free a moment ago. */
    public static int free() {
        while (true) {
            int port = LOWEST + ThreadLocalRandom.current().nextInt(COUNT);
            if (isFree(port)) {
                return port;
            }
        }
    }

    /** Whether nothing listens at the port. */
    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException _) {
            return false;
        }
    }
}
