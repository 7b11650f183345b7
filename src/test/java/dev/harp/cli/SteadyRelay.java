package dev.harp.cli;

import dev.harp.testing.Ports;
import dev.harp.testing.RelayProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A relay with a file store on one port, so that it can be killed and started again. */
final class SteadyRelay implements AutoCloseable {
    private final List<String> command;
    private final Map<String, String> options;
    private final int port = Ports.free();
    private RelayProcess process;

    private SteadyRelay(List<String> flags, List<String> what, Path store) throws IOException, InterruptedException {
        command = new ArrayList<>(flags);
        command.addAll(what);
        options = new HashMap<>(Map.of(
                "HOST", "127.0.0.1",
                "PORT", "" + port,
                "STORE", "file:" + store,
                "RATE_LIMIT_CLIENT", "0",
                "RATE_LIMIT_PAIR", "0",
                "LOG_FORMAT", "text"));
        process = new RelayProcess(command, options);
        started();
    }

    /** The packaged relay. */
    static SteadyRelay ofProduct(Path store) throws IOException, InterruptedException {
        return new SteadyRelay(
                RelayProcess.SMALL_PRODUCT, List.of("-jar", System.getProperty("harp.relay.product", "")), store);
    }

    /** The classes of this test run. */
    static SteadyRelay ofClasses(Path store) throws IOException, InterruptedException {
        return new SteadyRelay(
                RelayProcess.SMALL,
                List.of("-cp", System.getProperty("java.class.path"), "dev.harp.relay.Main"),
                store);
    }

    private void started() throws InterruptedException {
        if (process.port() != port) {
            throw new AssertionError(process.output().toString());
        }
    }

    String address() {
        return "http://localhost:" + port;
    }

    int port() {
        return port;
    }

    /** SIGKILL. */
    void kill() {
        process.kill();
    }

    /** Starts it again. */
    void restart() throws IOException, InterruptedException {
        process = new RelayProcess(command, options);
        started();
    }

    @Override
    public void close() {
        process.close();
    }
}
