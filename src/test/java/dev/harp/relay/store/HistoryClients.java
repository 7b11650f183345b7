package dev.harp.relay.store;

import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Token;
import java.util.HashMap;
import java.util.Map;

/** Who calls in a {@link RandomHistory}, and what has been asked. */
final class HistoryClients {
    private HistoryClients() {}

    static final class Session {
        final PairId id;
        Token token;

        Session(PairId id, Token token) {
            this.id = id;
            this.token = token;
        }
    }

    record Question(Session session, RequestId id) {}

    static final class Phone {
        final String id;
        Token token;
        final Map<Cursor, Long> cursors = new HashMap<>();

        Phone(String id, Token token) {
            this.id = id;
            this.token = token;
        }
    }
}
