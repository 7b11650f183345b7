/** {@code harp-relay doctor}: looks at a running relay from where its clients are, and says what to change where. */
@NullMarked
package dev.harp.relay.doctor;

import org.jspecify.annotations.NullMarked;
