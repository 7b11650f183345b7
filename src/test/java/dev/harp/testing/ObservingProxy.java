package dev.harp.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BiConsumer;

/** Passes each request on to a server on the loopback address, and shows it and its answer to an observer. */
public final class ObservingProxy extends FakeServer {
    private final int target;
    private final BiConsumer<Request, HttpAnswer> observer;

    public ObservingProxy(int target, BiConsumer<Request, HttpAnswer> observer) {
        this.target = target;
        this.observer = observer;
        start();
    }

    @Override
    protected Reply answer(Request request) {
        try (RawClient wire = new RawClient(target)) {
            wire.send(String.join("\r\n", request.lines()) + "\r\n\r\n" + request.content());
            HttpAnswer answer = wire.next().orElseThrow();
            observer.accept(request, answer);
            return response(
                    answer.status(),
                    answer.body(),
                    answer.lines().stream()
                            .skip(1)
                            .filter(line -> !line.matches("(?i)(content-length|transfer-encoding|connection):.*"))
                            .toArray(String[]::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
