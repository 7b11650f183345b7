package dev.harp.relay.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

/** Threads that do something at the same moment. */
final class Crowd {
    private Crowd() {}

    /** The results, in the order of the threads' numbers from 0. */
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
