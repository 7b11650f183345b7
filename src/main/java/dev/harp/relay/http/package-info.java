/**
 * The relay on the wire: paths, JSON, bearer tokens, problems, and what a hostile client may try with HTTP itself. The only
 * package that knows Helidon's server.
 */
@NullMarked
package dev.harp.relay.http;

import org.jspecify.annotations.NullMarked;
