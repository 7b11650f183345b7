package dev.harp.relay.http.admin;

import dev.harp.relay.http.api.Reply;
import dev.harp.relay.http.api.Router;
import dev.harp.relay.log.Event;
import dev.harp.relay.log.Logs;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code /log-level} of the operator's listener: what is logged, told and changed while the relay runs. Changed by this machine's own users only, as
 * the listener may be open to a monitoring system, which has no need to.
 */
final class LogLevel {
    private static final Logger LOG = System.getLogger(LogLevel.class.getName());
    private static final List<Level> LEVELS = List.of(Level.ERROR, Level.WARNING, Level.INFO, Level.DEBUG);

    private LogLevel() {}

    static Reply answer(ServerRequest request) {
        Method method = request.prologue().method();
        if (method.equals(Method.PUT)) {
            return local(request) && !byWebPage(request)
                    ? change(request)
                    : refused(ErrorCode.NOT_FOUND, "It is changed from this machine only, and by no web page.");
        }
        return method.equals(Method.GET) || method.equals(Method.HEAD)
                ? told()
                : Router.methodNotAllowed("GET, HEAD, PUT");
    }

    private static boolean local(ServerRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress peer
                && peer.getAddress().isLoopbackAddress();
    }

    /**
     * A page whose name leads to the loopback address by now (DNS rebinding) is of the same origin, so its script may send anything; but with all
     * methods except GET and HEAD browsers send an {@code Origin} (the Fetch Standard, section 3.1).
     */
    private static boolean byWebPage(ServerRequest request) {
        return request.headers().contains(HeaderNames.ORIGIN);
    }

    private static Reply change(ServerRequest request) {
        List<String> given = given(request);
        Optional<Level> level = LEVELS.stream()
                .filter(each -> given.equals(List.of(word(each))))
                .findFirst();
        if (level.isEmpty()) {
            return refused(
                    ErrorCode.INVALID_PARAMETER,
                    "level has to be given once, as error, warning, info or debug: /log-level?level=debug.");
        }
        Event changed = Event.of("log_level_changed", "the log level is changed, until the next start")
                .with("before", word(Logs.level()))
                .with("now", word(level.get()));
        // Told where it is seen: before a change to error, after one from it.
        if (level.get() == Level.ERROR) {
            changed.to(LOG, Level.WARNING);
            Logs.level(level.get());
        } else {
            Logs.level(level.get());
            changed.to(LOG, Level.WARNING);
        }
        return told();
    }

    private static List<String> given(ServerRequest request) {
        try {
            return request.query().all("level", List::of);
        } catch (IllegalArgumentException _) {
            // The query is not well-formed.
            return List.of();
        }
    }

    private static Reply told() {
        String level = word(Logs.level());
        return Reply.json(
                Status.OK_200,
                json -> json.writeStartObject().write("level", level).writeEnd());
    }

    private static Reply refused(ErrorCode code, String detail) {
        return Reply.problem(Refusal.of(code, detail));
    }

    private static String word(Level level) {
        return level.getName().toLowerCase(Locale.ROOT);
    }
}
