package dev.harp.client;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Where a device keeps its state. A transaction sees what the one before it has left, of whichever process, and what it
 * leaves is on the disk when it returns: a decision that was made once is never made anew.
 */
public interface DeviceStore {

    /**
     * What a transaction leaves.
     *
     * @param state the new state; empty deletes it
     * @param result for the caller
     */
    record Change<T>(Optional<DeviceState> state, T result) {}

    /** Runs one transaction; if it throws, nothing has changed. The state is empty before the device is registered. */
    <T> T change(Function<Optional<DeviceState>, Change<T>> transaction);

    /** The present state. */
    default Optional<DeviceState> read() {
        return change(state -> new Change<>(state, state));
    }

    /** This store, of which each transaction drops a join that is too old (docs/messages.md, 4.6). */
    default DeviceStore withoutOldJoins(LongSupplier now) {
        DeviceStore store = this;
        return new DeviceStore() {
            @Override
            public <T> T change(Function<Optional<DeviceState>, Change<T>> transaction) {
                return store.change(
                        state -> transaction.apply(state.map(current -> current.withoutOldJoin(now.getAsLong()))));
            }
        };
    }

    /** A store that ends with the process. */
    static DeviceStore inMemory() {
        return new DeviceStore() {
            private Optional<DeviceState> state = Optional.empty();

            @Override
            public synchronized <T> T change(Function<Optional<DeviceState>, Change<T>> transaction) {
                Change<T> change = transaction.apply(state);
                state = change.state();
                return change.result();
            }
        };
    }

    /** A store in a file that only the user can read. */
    static DeviceStore inFile(JsonFile file) {
        return new DeviceStore() {
            @Override
            public <T> T change(Function<Optional<DeviceState>, Change<T>> transaction) {
                return file.locked(() -> {
                    Optional<DeviceState> before = file.read()
                            .map(json -> DeviceState.fromJson(json)
                                    .orElseThrow(() -> new IllegalStateException(file + " is damaged")));
                    Change<T> change = transaction.apply(before);
                    if (change.state().isEmpty()) {
                        file.delete();
                    } else if (!change.state().equals(before)) {
                        file.write(change.state().get().toJson());
                    }
                    return change.result();
                });
            }
        };
    }
}
