package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

/** Which commands there are. */
class HarpTest {
    @Test
    void eachCommandIsListedByItsOwnName() {
        Harp.COMMANDS.forEach(
                (name, type) -> assertThat(type.getAnnotation(Command.class).name(), is(name)));
    }
}
