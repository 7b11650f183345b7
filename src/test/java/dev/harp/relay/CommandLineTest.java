package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.operator.Act;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    private static final Optional<Path> FILE = Optional.of(Path.of("relay.yaml"));

    private static CommandLine wrong(String line) {
        return new CommandLine.Wrong(line);
    }

    @Test
    void understandsItsArguments() {
        assertThat(CommandLine.of(), is(new CommandLine.Run(Optional.empty())));
        assertThat(CommandLine.of("--config", "relay.yaml"), is(new CommandLine.Run(FILE)));
        assertThat(CommandLine.of("--check-config"), is(new CommandLine.Check(Optional.empty())));
        assertThat(CommandLine.of("--check-config", "--config", "relay.yaml"), is(new CommandLine.Check(FILE)));
        assertThat(CommandLine.of("--config", "relay.yaml", "--check-config"), is(new CommandLine.Check(FILE)));
        assertThat(CommandLine.of("--version"), is(new CommandLine.Version()));
        assertThat(CommandLine.of("--version", "--help"), is(new CommandLine.Help()));
    }

    @Test
    void doctor() {
        Duration usual = Duration.ofSeconds(65);
        Optional<String> url = Optional.of("https://relay.example.org");
        assertThat(CommandLine.of("doctor"), is(new CommandLine.Examine(Optional.empty(), Optional.empty(), usual)));
        assertThat(
                CommandLine.of("doctor", "https://relay.example.org"),
                is(new CommandLine.Examine(url, Optional.empty(), usual)));
        assertThat(
                CommandLine.of("doctor", "--wait", "3", "https://relay.example.org", "--ca", "relay.yaml"),
                is(new CommandLine.Examine(url, FILE, Duration.ofSeconds(3))));
        assertThat(CommandLine.of("doctor", "--help"), is(new CommandLine.Help()));
        for (String wait : List.of("", "0", "-1", "541", "1.5", "x", "99999999999")) {
            assertThat(
                    CommandLine.of("doctor", "--wait", wait),
                    is(wrong("--wait needs a number of seconds from 1 to 540")));
        }
        assertThat(CommandLine.of("doctor", "--wait"), is(wrong("--wait needs a number of seconds from 1 to 540")));
        assertThat(CommandLine.of("doctor", "--ca"), is(wrong("--ca needs the name of a file")));
        assertThat(CommandLine.of("doctor", "--ca", "--wait"), is(wrong("--ca needs the name of a file")));
        assertThat(CommandLine.of("doctor", "--ca", "a\u0000b"), is(wrong("--ca needs the name of a file")));
        String allowed = "; allowed: URL, --ca FILE, --wait SECONDS";
        assertThat(CommandLine.of("doctor", "a", "b\n"), is(wrong("doctor: unknown argument 'b?'" + allowed)));
        assertThat(
                CommandLine.of("doctor", "--insecure"), is(wrong("doctor: unknown argument '--insecure'" + allowed)));
    }

    @Test
    void admin() {
        Act revoke = new Act.Revoke(new PairId("pair_0123456789ab"));
        Optional<String> url = Optional.of("http://127.0.0.1:1");
        assertThat(
                CommandLine.of("admin", "revoke", "pair_0123456789ab"),
                is(new CommandLine.Operate(revoke, Optional.empty())));
        for (String[] order : new String[][] {
            {"admin", "--url", "http://127.0.0.1:1", "revoke", "pair_0123456789ab"},
            {"admin", "revoke", "--url", "http://127.0.0.1:1", "pair_0123456789ab"}
        }) {
            assertThat(CommandLine.of(order), is(new CommandLine.Operate(revoke, url)));
        }
        assertThat(
                CommandLine.of("admin", "remove", "dev_0123456789ab"),
                is(new CommandLine.Operate(new Act.Remove(new DeviceId("dev_0123456789ab")), Optional.empty())));
        assertThat(
                CommandLine.of("admin", "holders"), is(new CommandLine.Operate(new Act.Holders(), Optional.empty())));
        for (String network : List.of("4-0123456789abcdef", "192.0.2.7", "2001:db8:7::9", "2001:db8:7::/48")) {
            assertThat(
                    CommandLine.of("admin", "end", network),
                    is(new CommandLine.Operate(new Act.End(network), Optional.empty())));
        }
        assertThat(CommandLine.of("admin", "revoke", "--help"), is(new CommandLine.Help()));
        for (String[] wrong : new String[][] {
            {"admin"},
            {"admin", "revoke"},
            {"admin", "revoke", "dev_0123456789ab"},
            {"admin", "revoke", "pair_0123456789ab", "pair_0123456789ab"},
            {"admin", "revoke", "../log-level"},
            {"admin", "remove", "dev_0123456789AB"},
            {"admin", "holders", "x"},
            {"admin", "end"},
            {"admin", "end", "relay.example.org"},
            {"admin", "end", "192.0.2.7", "192.0.2.8"}
        }) {
            assertThat(
                    CommandLine.of(wrong) instanceof CommandLine.Wrong(String line) ? line : "",
                    startsWith("admin: given '"
                            + String.join(" ", wrong)
                                    .substring("admin".length())
                                    .strip() + "'; allowed: "));
        }
        assertThat(
                CommandLine.of("admin", "revoke", "pair_0123456789ab", "--url"),
                is(wrong("admin: --url needs an address, once, such as http://127.0.0.1:8788")));
    }

    @Test
    void vapidKeys() {
        assertThat(CommandLine.of("vapid-keys"), is(new CommandLine.MakeVapidKeys()));
        assertThat(CommandLine.of("vapid-keys", "--help"), is(new CommandLine.Help()));
        assertThat(CommandLine.of("vapid-keys", "--check-config") instanceof CommandLine.Wrong, is(true));
    }

    @Test
    void namesUnknownArguments() {
        String allowed = "; allowed: doctor, admin, vapid-keys, --config FILE, --check-config, --help, --version";
        assertThat(CommandLine.of("--port", "1"), is(wrong("unknown argument '--port'" + allowed)));
        assertThat(CommandLine.of("--help", "x"), is(wrong("unknown argument 'x'" + allowed)));
        assertThat(CommandLine.of("a\nb\u001b[2J\u00fc"), is(wrong("unknown argument 'a?b?[2J?'" + allowed)));
        assertThat(
                CommandLine.of("x".repeat(5000)), is(wrong("unknown argument '" + "x".repeat(100) + "...'" + allowed)));
        assertThat(CommandLine.of("--config"), is(wrong("--config needs the name of a file")));
        assertThat(CommandLine.of("--config", "--version"), is(wrong("--config needs the name of a file")));
        assertThat(CommandLine.of("--config", "relay.yaml", "--config", "x"), is(wrong("--config may be given once")));
        assertThat(CommandLine.of("--config", "a\u0000b"), is(wrong("--config needs the name of a file")));
    }
}
