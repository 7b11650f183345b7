/** {@code harp-relay doctor}: examines a running relay from where its clients are, and says what to change. */
@NullMarked
package dev.harp.relay.doctor;

import org.jspecify.annotations.NullMarked;
