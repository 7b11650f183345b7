/** The admin listener: metrics, liveness, readiness, the log level, and the operator's acts. */
@NullMarked
package dev.harp.relay.http.admin;

import org.jspecify.annotations.NullMarked;
