/** The metrics and their exposition in Prometheus' text formats. */
@NullMarked
package dev.harp.relay.metrics;

import org.jspecify.annotations.NullMarked;
