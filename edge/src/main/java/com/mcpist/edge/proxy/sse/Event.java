package com.mcpist.edge.proxy.sse;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * A whole event, or a comment between events.
 *
 * @param bytes as they came, the blank line that ends it included
 * @param data its data, lines joined by a line feed; null where it has none
 * @param id its id; null where it has none
 */
public record Event(Buffer bytes, @Nullable String data, @Nullable String id) {}
