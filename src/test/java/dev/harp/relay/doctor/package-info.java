@NullMarked
package dev.harp.relay.doctor;

import org.jspecify.annotations.NullMarked;
