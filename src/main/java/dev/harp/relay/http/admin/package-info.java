/** The admin listener: metrics, liveness, readiness and the log level. */
@NullMarked
package dev.harp.relay.http.admin;

import org.jspecify.annotations.NullMarked;
