package dev.harp.relay.http.edge;

import static dev.harp.relay.http.edge.NoSettings.NO_SETTINGS;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.helidon.common.types.TypeName;
import io.helidon.config.Config;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.ServiceRegistry;
import io.helidon.service.registry.ServiceRegistryException;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What Helidon is given instead of looking for more has to say what Helidon's own would say. */
class NothingToFindTest {
    private static final TypeName ANYTHING = TypeName.create("java.lang.Runnable");

    @Test
    void nothingIsSetAtAnyPlace() {
        Config helidons = Config.empty().get("server.port");
        Config ours = NO_SETTINGS.get("server.port");
        assertThat(ours.exists(), is(helidons.exists()));
        assertThat(ours.hasValue(), is(helidons.hasValue()));
        assertThat(ours.isLeaf(), is(helidons.isLeaf()));
        assertThat(ours.isList(), is(helidons.isList()));
        assertThat(ours.isObject(), is(helidons.isObject()));
        assertThat(ours.type(), is(helidons.type()));
        assertThat(ours.asInt().asOptional(), is(helidons.asInt().asOptional()));
        assertThat(ours.as(Config::asString).asOptional(), is(Optional.empty()));
        assertThat(ours.asList(String.class).asOptional(), is(Optional.empty()));
        assertThat(ours.asNodeList().asOptional(), is(Optional.empty()));
        assertThat(ours.asMap().asOptional(), is(Optional.empty()));
        assertThat(ours.traverse().toList(), is(empty()));
        assertThrows(UnsupportedOperationException.class, () -> ours.convert(Integer.class, "1"));
        assertThrows(UnsupportedOperationException.class, ours::mapper);
    }

    @Test
    void noServiceIsFound() {
        NoServices.use();
        ServiceRegistry registry = GlobalServiceRegistry.registry();
        assertThat(registry.first(ANYTHING), is(Optional.empty()));
        assertThat(registry.all(ANYTHING), is(List.of()));
        assertThat(registry.supplyFirst(ANYTHING).get(), is(Optional.empty()));
        assertThat(registry.supplyAll(ANYTHING).get(), is(List.of()));
        assertThat(registry.allServices(ANYTHING), is(List.of()));
        assertThrows(ServiceRegistryException.class, () -> registry.get(ANYTHING));
        assertThrows(
                ServiceRegistryException.class, () -> registry.supply(ANYTHING).get());
    }

    /** A default of Helidon's that changes would otherwise pass us by. */
    @Test
    void http1IsAsHelidonsBuilderMakesItAndStricterWhereWeSaySo() {
        var listener = Http1ConnectionListener.create(List.of());
        Http1Config ours = new StrictHttp1(listener, listener);
        Http1Config helidons = Http1Config.create();
        assertThat(ours.name(), is(helidons.name()));
        assertThat(ours.type(), is(helidons.type()));
        assertThat(
                ours.maxBufferedEntitySize().toBytes(),
                is(helidons.maxBufferedEntitySize().toBytes()));
        assertThat(ours.sendKeepAliveHeader(), is(helidons.sendKeepAliveHeader()));
        assertThat(ours.validateResponseHeaders(), is(helidons.validateResponseHeaders()));
        assertThat(ours.validateRequestHeaders(), is(true));
        assertThat(ours.validatePath(), is(true));
        assertThat(ours.validatePrologue(), is(true));
        assertThat(ours.continueImmediately(), is(false));
        assertThat(ours.maxHeadersSize(), is(GuardedListener.MAX_HEADERS));
        assertThat(ours.maxPrologueLength(), is(GuardedListener.MAX_REQUEST_LINE));
    }
}
