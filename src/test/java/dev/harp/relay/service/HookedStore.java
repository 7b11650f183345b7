package dev.harp.relay.service;

import dev.harp.relay.store.RelayStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** A store that runs an action exactly before or after a call, in place of the other thread of a race. */
final class HookedStore {
    private final Map<String, Runnable> before = new HashMap<>();
    private final Map<String, Runnable> after = new HashMap<>();
    private final Map<String, Object> instead = new HashMap<>();
    private final RelayStore store;

    HookedStore(RelayStore behind) {
        this.store = (RelayStore) Proxy.newProxyInstance(
                RelayStore.class.getClassLoader(), new Class<?>[] {RelayStore.class}, (_, method, arguments) -> {
                    run(before, method.getName());
                    try {
                        Object answer = instead.get(method.getName());
                        return answer == null ? method.invoke(behind, arguments) : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        run(after, method.getName());
                    }
                });
    }

    RelayStore store() {
        return store;
    }

    /** Once, before the next call of the method. */
    void before(String method, Runnable event) {
        before.put(method, event);
    }

    /** Once, after the next call of the method. */
    void after(String method, Runnable event) {
        after.put(method, event);
    }

    /** From now on every call of the method returns this. */
    void instead(String method, Object answer) {
        instead.put(method, answer);
    }

    private static void run(Map<String, Runnable> hooks, String method) {
        Runnable event = hooks.remove(method);
        if (event != null) {
            event.run();
        }
    }
}
