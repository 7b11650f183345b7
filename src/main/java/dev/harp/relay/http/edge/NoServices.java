package dev.harp.relay.http.edge;

import io.helidon.common.types.TypeName;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.Lookup;
import io.helidon.service.registry.RegistryMetrics;
import io.helidon.service.registry.ServiceInfo;
import io.helidon.service.registry.ServiceInstance;
import io.helidon.service.registry.ServiceRegistry;
import io.helidon.service.registry.ServiceRegistryException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A registry of Helidon's in which no service is found.
 *
 * <p>Helidon's server asks the registry only for further converters of path parameters, which the relay does without. For that it would
 * search the class path and set up what injects, intercepts and orders services: a tenth of the relay's start.
 */
@SuppressWarnings("TypeParameterUnusedInFormals") // Helidon's signatures
final class NoServices implements ServiceRegistry {
    private NoServices() {}

    /** Makes this Helidon's registry, unless something has set up another one. */
    static void use() {
        if (!GlobalServiceRegistry.configured()) {
            var _ = GlobalServiceRegistry.registry(new NoServices());
        }
    }

    private static ServiceRegistryException none(Object asked) {
        return new ServiceRegistryException("there are no services, so none for " + asked);
    }

    @Override
    public <T> T get(TypeName contract) {
        throw none(contract);
    }

    @Override
    public <T> T get(Lookup lookup) {
        throw none(lookup);
    }

    @Override
    public <T> Optional<T> get(ServiceInfo service) {
        return Optional.empty();
    }

    @Override
    public <T> Optional<T> first(TypeName contract) {
        return Optional.empty();
    }

    @Override
    public <T> Optional<T> first(Lookup lookup) {
        return Optional.empty();
    }

    @Override
    public <T> List<T> all(TypeName contract) {
        return List.of();
    }

    @Override
    public <T> List<T> all(Lookup lookup) {
        return List.of();
    }

    @Override
    public <T> Supplier<T> supply(TypeName contract) {
        return () -> get(contract);
    }

    @Override
    public <T> Supplier<T> supply(Lookup lookup) {
        return () -> get(lookup);
    }

    @Override
    public <T> Supplier<Optional<T>> supplyFirst(TypeName contract) {
        return Optional::empty;
    }

    @Override
    public <T> Supplier<Optional<T>> supplyFirst(Lookup lookup) {
        return Optional::empty;
    }

    @Override
    public <T> Supplier<List<T>> supplyAll(TypeName contract) {
        return List::of;
    }

    @Override
    public <T> Supplier<List<T>> supplyAll(Lookup lookup) {
        return List::of;
    }

    @Override
    public List<ServiceInfo> allServices(TypeName contract) {
        return List.of();
    }

    @Override
    public List<ServiceInfo> lookupServices(Lookup lookup) {
        return List.of();
    }

    @Override
    public <T> List<ServiceInstance<T>> lookupInstances(Lookup lookup) {
        return List.of();
    }

    /**
     * Nothing is counted.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public RegistryMetrics metrics() {
        throw new UnsupportedOperationException("nothing is counted");
    }
}
