/** The public API over HTTP: routes, bodies, bearer tokens, problems, event streams, CORS and the access log. */
@NullMarked
package dev.harp.relay.http.api;

import org.jspecify.annotations.NullMarked;
