package dev.harp.relay.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Many who do something at the same moment. */
final class Crowd {
    private Crowd() {}

    /** What each of them got, in the order of their numbers from 0. */
    static <T> List<T> of(int size, IntFunction<T> work) {
        CountDownLatch ready = new CountDownLatch(size);
        List<Future<T>> all = new ArrayList<>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < size; i++) {
                int number = i;
                all.add(executor.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return work.apply(number);
                }));
            }
        }
        return all.stream().map(Rig::soon).toList();
    }
}
