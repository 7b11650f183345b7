/**
 * Guards against defects of Helidon's HTTP/1.1 server: deadlines, strict framing and bounds on connections. The only
 * package that knows Helidon's connection types.
 */
@NullMarked
package dev.harp.relay.http.edge;

import org.jspecify.annotations.NullMarked;
