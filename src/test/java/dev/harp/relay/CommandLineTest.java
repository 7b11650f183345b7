package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    private static final Optional<Path> FILE = Optional.of(Path.of("relay.yaml"));

    private static CommandLine wrong(String line) {
        return new CommandLine.Wrong(line);
    }

    @Test
    void whatIsAskedFor() {
        assertThat(CommandLine.of(), is(new CommandLine.Run(Optional.empty())));
        assertThat(CommandLine.of("--config", "relay.yaml"), is(new CommandLine.Run(FILE)));
        assertThat(CommandLine.of("--check-config"), is(new CommandLine.Check(Optional.empty())));
        assertThat(CommandLine.of("--check-config", "--config", "relay.yaml"), is(new CommandLine.Check(FILE)));
        assertThat(CommandLine.of("--config", "relay.yaml", "--check-config"), is(new CommandLine.Check(FILE)));
        assertThat(CommandLine.of("--version"), is(new CommandLine.Version()));
        assertThat(CommandLine.of("--version", "--help"), is(new CommandLine.Help()));
    }

    @Test
    void whatIsNot() {
        String allowed = "; allowed: --config FILE, --check-config, --help, --version";
        assertThat(CommandLine.of("--port", "1"), is(wrong("unknown argument '--port'" + allowed)));
        assertThat(CommandLine.of("--help", "x"), is(wrong("unknown argument 'x'" + allowed)));
        assertThat(CommandLine.of("a\nb\u001b[2J\u00fc"), is(wrong("unknown argument 'a?b?[2J?'" + allowed)));
        assertThat(
                CommandLine.of("x".repeat(5000)), is(wrong("unknown argument '" + "x".repeat(100) + "...'" + allowed)));
        assertThat(CommandLine.of("--config"), is(wrong("--config needs the name of a file")));
        assertThat(CommandLine.of("--config", "--version"), is(wrong("--config needs the name of a file")));
        assertThat(CommandLine.of("--config", "relay.yaml", "--config", "x"), is(wrong("--config may be given once")));
        assertThat(CommandLine.of("--config", "a\u0000b"), is(wrong("--config: 'a?b' is no name of a file")));
    }
}
