package dev.harp.client;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class UnusedProxyTest {
    private static final String RELAY = "https://relay.example.org";

    private static String hint(String relay, Map<String, String> environment, Map<String, String> properties) {
        Properties all = new Properties();
        all.putAll(properties);
        return UnusedProxy.hint(relay, environment, all);
    }

    @Test
    void aProxyOfTheEnvironmentIsNamed() {
        Map<String, String> https = Map.of("https_proxy", "http://user:secret@proxy.example:3128");
        assertThat(
                hint(RELAY, https, Map.of()),
                is("; https_proxy is set, which Java does not use: JAVA_OPTS='-Dhttps.proxyHost=HOST"
                        + " -Dhttps.proxyPort=PORT' names the proxy"));
        assertThat(
                hint("http://relay.example.org:8787/harp", Map.of("HTTP_PROXY", "http://proxy:3128"), Map.of()),
                is("; HTTP_PROXY is set, which Java does not use: JAVA_OPTS='-Dhttp.proxyHost=HOST"
                        + " -Dhttp.proxyPort=PORT' names the proxy"));
    }

    @Test
    void whatIsUsedOrOfNoUseIsNot() {
        Map<String, String> https = Map.of("HTTPS_PROXY", "http://proxy.example:3128");
        assertThat(hint(RELAY, Map.of(), Map.of()), is(""));
        assertThat(hint(RELAY, Map.of("https_proxy", "", "http_proxy", "http://proxy:1"), Map.of()), is(""));
        assertThat(hint(RELAY, https, Map.of("https.proxyHost", "proxy.example")), is(""));
        assertThat(hint(RELAY, https, Map.of("java.net.useSystemProxies", "true")), is(""));
        assertThat(hint("https://localhost:8787", https, Map.of()), is(""));
        assertThat(hint("https://[::1]:8787", https, Map.of()), is(""));
    }
}
