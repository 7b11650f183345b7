package dev.harp.cli;

import dev.harp.client.RequestJournal;
import dev.harp.message.AskedQuestion;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A journal that knows which requests this process has open. */
final class OpenJournal implements RequestJournal {
    private final RequestJournal journal;
    private final Set<String> open = ConcurrentHashMap.newKeySet();

    OpenJournal(RequestJournal journal) {
        this.journal = journal;
    }

    @Override
    public void opened(AskedQuestion asked) {
        open.add(asked.question().requestId());
        journal.opened(asked);
    }

    @Override
    public void closed(String requestId) {
        journal.closed(requestId);
        open.remove(requestId);
    }

    @Override
    public Optional<AskedQuestion> find(String requestId) {
        Optional<AskedQuestion> found = journal.find(requestId);
        found.ifPresent(_ -> open.add(requestId));
        return found;
    }

    void closeAll() {
        closeAllBut(Set.of());
    }

    /** Forgets every request but those, whatever the relay has of them: nobody reads them again. */
    void closeAllBut(Set<String> kept) {
        open.stream().filter(id -> !kept.contains(id)).forEach(this::closed);
    }
}
