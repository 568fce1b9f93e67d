package com.mcpist.edge.call;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;

/**
 * What an origin is sent of a call: each time the same, but for the number and the deadline that an
 * attempt adds to its headers.
 *
 * @param uri the path and the query, as the client sent them
 * @param anyStatusIsAnswer whether a 5xx is an answer, and not a failed attempt
 */
record Outgoing(
    HttpMethod method, String uri, CallHeaders headers, Buffer body, boolean anyStatusIsAnswer) {}
