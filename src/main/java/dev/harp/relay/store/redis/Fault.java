package dev.harp.relay.store.redis;

import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Why Redis cannot be used.
 *
 * @param reason for the log: an error code of Redis such as {@code OOM} or {@code READONLY}, or one of ours. It never
 *     contains a part of a command or a reply
 * @param advice what the operator can do about it; empty if waiting is all
 * @param cut whether calls are pointless: until this is over, they fail at once
 */
record Fault(String reason, Optional<String> advice, boolean cut) {
    private static final Pattern WITHIN_SCRIPT = Pattern.compile("^ERR Error running script.*?: -?([A-Z]{2,20}) ");

    /** What Redis 6.2 and 7.0 reply, without an error code, if the user may not run a command of a script. */
    private static final String SCRIPT_DENIED = "The user executing the script can't ";

    private static final String DENIED = "NOPERM";

    static Fault unusable(String reason, String advice) {
        return new Fault(reason, Optional.of(advice), true);
    }

    static Fault of(JedisException e) {
        if (e instanceof JedisDataException) {
            String message = String.valueOf(e.getMessage());
            // Redis 6.2 wraps the error of a command within a script.
            Matcher within = WITHIN_SCRIPT.matcher(message);
            String word = within.find() ? within.group(1) : message.split("[ :]", 2)[0];
            if (word.equals(DENIED) || message.contains(SCRIPT_DENIED)) {
                return new Fault(
                        DENIED,
                        Optional.of("the relay's user needs what docs/configure.md lists; ACL LOG tells what Redis has"
                                + " refused"),
                        false);
            }
            return new Fault(word.matches("[A-Z]{2,20}") ? word : "ERR", Optional.empty(), false);
        }
        boolean late = Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                .anyMatch(SocketTimeoutException.class::isInstance);
        if (late) {
            return new Fault("timeout", Optional.empty(), true);
        }
        return new Fault(e instanceof JedisConnectionException ? "connection" : "busy", Optional.empty(), true);
    }

    /** Whether the relay's user lacks a right that the relay needs. */
    boolean denied() {
        return reason.equals(DENIED);
    }

    /** Whether this is a defect of the relay, and not a state of the server. */
    boolean defect() {
        return reason.equals("ERR") || reason.equals("WRONGTYPE");
    }
}
