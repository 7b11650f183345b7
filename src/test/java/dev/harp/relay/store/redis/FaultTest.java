package dev.harp.relay.store.redis;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/** The reasons that are logged for an outage, and which servers are refused. */
class FaultTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "OOM command not allowed when used memory > 'maxmemory'. | OOM",
                "READONLY You can't write against a read only replica. | READONLY",
                "ERR Error running script (call to f_1): @user_script:30: @user_script: 30: -OOM command not allowed |"
                        + " OOM",
                "ERR Error running script (call to f_1): @user_script:3: WRONGTYPE Operation against a key | WRONGTYPE",
                "ERR unknown command secret | ERR",
                "secret | ERR"
            })
    void theReasonIsTheErrorCodeOfRedis(String message, String reason) {
        Fault fault = Fault.of(new JedisDataException(message));
        assertThat(fault, is(new Fault(reason, Optional.empty(), false)));
        assertThat(fault.defect(), is(List.of("ERR", "WRONGTYPE").contains(reason)));
    }

    /** Redis 7.2 and Valkey have an error code for it; 7.0 and 6.2 only a sentence, within a script. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "NOPERM this user has no permissions to run the 'zadd' command",
                "NOPERM ACL failure in script: User relay has no permissions to run the 'zadd' command",
                "ERR The user executing the script can't run this command or subcommand script: f_1, on"
                        + " @user_script:1.",
                "ERR Error running script (call to f_1): @user_script:1: @user_script: 1: The user executing the script"
                        + " can't run this command or subcommand"
            })
    void aMissingRightIsNoDefect(String message) {
        Fault fault = Fault.of(new JedisDataException(message));
        assertThat(fault.reason(), is("NOPERM"));
        assertThat(fault.denied(), is(true));
        assertThat(fault.defect(), is(false));
        assertThat(fault.advice().isPresent(), is(true));
    }

    @Test
    void aLostConnectionMakesCallsFailAtOnce() {
        assertThat(Fault.of(new JedisConnectionException("gone")).cut(), is(true));
    }

    @ParameterizedTest
    @CsvSource({"5.0.14,true", "6.0.16,true", "6.2.0,false", "7.0.15,false", "10.1.0,false"})
    void oldServersAreRefused(String version, boolean refused) {
        assertThat(Probe.server("# Server\r\nredis_version:" + version + "\r\n").isPresent(), is(refused));
    }

    @ParameterizedTest
    @CsvSource({"redis_mode:standalone,false", "redis_mode:sentinel,false", "redis_mode:cluster,true"})
    void serversOfAClusterAreRefused(String mode, boolean refused) {
        assertThat(
                Probe.server("# Server\r\nredis_version:7.0.15\r\n" + mode + "\r\n")
                        .isPresent(),
                is(refused));
    }

    @ParameterizedTest
    @CsvSource({"0,allkeys-lru,false", "1000,noeviction,false", "1000,allkeys-lru,true", "1000,volatile-ttl,true"})
    void serversThatEvictKeysAreRefused(long most, String policy, boolean refused) {
        String info = "# Memory\r\nmaxmemory:" + most + "\r\nmaxmemory_policy:" + policy + "\r\n";
        assertThat(Probe.eviction(info).isPresent(), is(refused));
    }
}
