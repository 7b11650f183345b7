package dev.harp.cli;

import dev.harp.client.Environment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Optional;

/**
 * What every command needs.
 *
 * @param variables the environment variables
 */
record Context(Terminal terminal, Home home, Environment environment, Map<String, String> variables) {

    static Context system() {
        Map<String, String> variables = System.getenv();
        return new Context(Terminal.system(variables), Home.of(variables), Environment.system(), variables);
    }

    /** This machine's name for people, within the bounds of a message. */
    String host() {
        String name = Optional.ofNullable(variables.get("HOSTNAME")).orElseGet(Context::hostName);
        String clean = name.replaceAll("[^A-Za-z0-9._-]", "");
        return clean.isEmpty() ? "unknown" : clean.substring(0, Math.min(64, clean.length()));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }

    String directory() {
        return System.getProperty("user.dir");
    }
}
