package dev.harp.relay.store.redis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which texts are addresses of Redis, and that an address is never shown with its password. */
class RedisAddressTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "redis://localhost, redis://localhost:6379/0",
                "redis://localhost:6380/, redis://localhost:6380/0",
                "rediss://redis.example.org/15, rediss://redis.example.org:6379/15",
                "redis://:secret@10.0.0.1:1/2, redis://10.0.0.1:1/2",
                "redis://[::1]:6379, redis://::1:6379/0",
                "redis://[fe80::1%eth0], redis://fe80::1%eth0:6379/0",
                "redis://redis_1:6380, redis://redis_1:6380/0",
                "redis://my-app_redis_1.net_a, redis://my-app_redis_1.net_a:6379/0",
                "redis+sentinel://sentinel_1:1/main, redis+sentinel://sentinel_1:1/main/0",
                "'redis+sentinel://:x@a,b:2/main/3', 'redis+sentinel://a:26379,b:2/main/3'"
            })
    void isAnAddress(String text, String shown) {
        assertThat(RedisAddress.parse(text).map(RedisAddress::toString), is(Optional.of(shown)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "redis",
                "redis:",
                "redis://",
                "redis:///0",
                "http://host",
                "redis://host:0",
                "redis://host:65536",
                "redis://host:x",
                "redis://host:",
                "redis://host:-1",
                "redis://-host",
                "redis://[host]",
                "redis://[::1",
                "redis://::1",
                "redis://host/x",
                "redis://host/-1",
                "redis://host/1/2",
                "redis://host?prefix=x",
                "redis://host#x",
                "redis://user@host",
                "redis://user:@host",
                "redis://user:%zz@host",
                "redis://a,b",
                "redis://ho st",
                "redis+sentinel://host",
                "redis+sentinel://host/",
                "redis+cluster://host"
            })
    void isNoAddress(String text) {
        assertThat(RedisAddress.parse(text), is(Optional.empty()));
    }

    @Test
    void userAndPasswordAreDecodedAndNotShown() {
        RedisAddress address =
                RedisAddress.parse("redis://re%3Alay:p%40ss%2Fw+rd@host").orElseThrow();
        assertThat(address.user(), is(Optional.of("re:lay")));
        assertThat(address.password(), is(Optional.of("p@ss/w+rd")));
        assertThat(address.toString(), not(containsString("p@ss")));
        assertThat(address.toString(), not(containsString("lay")));
    }
}
