package dev.harp.client;

import dev.harp.message.AskedQuestion;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a platform keeps its open requests, so that a process that was killed finds them again. Safe for use by many
 * threads. An implementation that keeps them on a disk has them there when {@link #opened} returns.
 */
public interface RequestJournal {

    /** The question is about to be sent. */
    void opened(AskedQuestion asked);

    /** The request has ended for this platform, and is never read again. */
    void closed(String requestId);

    /** An open request, if it is one. */
    Optional<AskedQuestion> find(String requestId);

    /** A journal that ends with the process. */
    static RequestJournal inMemory() {
        Map<String, AskedQuestion> open = new ConcurrentHashMap<>();
        return new RequestJournal() {
            @Override
            public void opened(AskedQuestion asked) {
                open.put(asked.question().requestId(), asked);
            }

            @Override
            public void closed(String requestId) {
                open.remove(requestId);
            }

            @Override
            public Optional<AskedQuestion> find(String requestId) {
                return Optional.ofNullable(open.get(requestId));
            }
        };
    }
}
