package dev.harp.relay.http.admin;

import dev.harp.relay.http.api.Reply;
import dev.harp.relay.log.Event;
import dev.harp.relay.log.Logs;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code /log-level} of the admin listener: reads and changes the log level while the relay runs. */
final class LogLevel {
    private static final Logger LOG = System.getLogger(LogLevel.class.getName());
    private static final List<Level> LEVELS = List.of(Level.ERROR, Level.WARNING, Level.INFO, Level.DEBUG);

    private LogLevel() {}

    static Reply answer(ServerRequest request) {
        Method method = request.prologue().method();
        if (method.equals(Method.PUT)) {
            return Local.isOperator(request)
                    ? change(request)
                    : Local.refused("The log level can be changed from this machine only, and by no web page.");
        }
        return method.equals(Method.GET) || method.equals(Method.HEAD)
                ? current()
                : Reply.methodNotAllowed("GET, HEAD, PUT");
    }

    private static Reply change(ServerRequest request) {
        List<String> given = given(request);
        Optional<Level> level = LEVELS.stream()
                .filter(each -> given.equals(List.of(word(each))))
                .findFirst();
        if (level.isEmpty()) {
            return Reply.problem(Refusal.of(
                    ErrorCode.INVALID_PARAMETER,
                    "level has to be given once, as error, warning, info or debug: /log-level?level=debug."));
        }
        Event changed = Event.of("log_level_changed", "the log level was changed, until the next start")
                .with("before", word(Logs.level()))
                .with("now", word(level.get()));
        // Logged while warnings are on: before a change to error, after one from it.
        if (level.get() == Level.ERROR) {
            changed.to(LOG, Level.WARNING);
            Logs.level(level.get());
        } else {
            Logs.level(level.get());
            changed.to(LOG, Level.WARNING);
        }
        return current();
    }

    private static List<String> given(ServerRequest request) {
        try {
            return request.query().all("level", List::of);
        } catch (IllegalArgumentException _) {
            // The query is not well-formed.
            return List.of();
        }
    }

    private static Reply current() {
        String level = word(Logs.level());
        return Reply.json(
                Status.OK_200,
                json -> json.writeStartObject().write("level", level).writeEnd());
    }

    private static String word(Level level) {
        return level.getName().toLowerCase(Locale.ROOT);
    }
}
