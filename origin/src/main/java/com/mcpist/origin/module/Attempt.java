package com.mcpist.origin.module;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a call.
 *
 * @param key what the attempts of one call share
 * @param number 1 for the first, as the edge counts
 * @param deadline after which this attempt may have no effect; null where the edge sets none
 */
public record Attempt(CallKey key, int number, @Nullable Instant deadline) {}
