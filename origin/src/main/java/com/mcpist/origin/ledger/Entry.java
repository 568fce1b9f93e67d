package com.mcpist.origin.ledger;

import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the ledger knows of a call.
 *
 * @param state what the attempt may do
 * @param tool the tool that was called under this key, null where none was
 * @param hash of its arguments, null where there was no call
 * @param result what it gave, null where it is not finished
 */
record Entry(State state, @Nullable String tool, @Nullable String hash, @Nullable String result) {
  enum State {
    /** The call is this attempt's to do. */
    ENTERED,
    /** The key has been used. */
    FOUND,
    /** Another attempt is at it. */
    BUSY,
    /** Another attempt was at it, and is gone; nobody knows how far it came. */
    UNKNOWN
  }

  /**
   * The result that the call gave, empty where it has none yet.
   *
   * @throws ToolException when the key was used for another call
   */
  Optional<ToolResult> resultOf(LedgerCall call) throws ToolException {
    if (tool != null && !(tool.equals(call.tool()) && call.hash().equals(hash))) {
      throw new ToolException(
          "This Idempotency-Key was used for another call. Nothing was run. Use a new key for each"
              + " call, and the same key only to send the same call again.");
    }
    return Optional.ofNullable(result).map(StoredResult::read);
  }
}
