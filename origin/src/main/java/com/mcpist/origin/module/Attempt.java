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
public record Attempt(Key key, int number, @Nullable Instant deadline) {

  /**
   * What makes two attempts the same call.
   *
   * @param user the user the edge has authenticated, {@code local} where nobody is
   * @param id the client's Idempotency-Key, or else the call id minted by the edge
   * @param index the position in a batch, 0 outside one
   * @param fromClient whether {@code id} is the client's own
   */
  public record Key(String user, String id, int index, boolean fromClient) {}
}
