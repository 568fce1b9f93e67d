package com.mcpist.module;

import com.mcpist.module.ToolRunner.AttemptFailedException;

/**
 * The right of one attempt to act outside the database. The ledger grants it for the time of a
 * lease, and the runner renews the lease in the background while the attempt works. If a process
 * stands still for longer than the lease, another attempt may take the call over, or tell the
 * client that the outcome is unknown. The first attempt must not act after that.
 *
 * <p>A tool that prepares its work, for example by opening a session, calls {@link #renew} after
 * the preparation, and acts only while {@link #holds} returns true. All methods are thread-safe.
 */
public interface Claim {
  /** The claim of a call that needs none, because its tool does not act outside. It never ends. */
  Claim NOT_NEEDED =
      new Claim() {
        @Override
        public void renew() {}

        @Override
        public boolean holds() {
          return true;
        }
      };

  /**
   * Renews the lease in the database. Blocks for a round trip to the database, or until the
   * database answers again.
   *
   * @throws AttemptFailedException if the claim has ended, the deadline of the attempt has passed,
   *     or the database cannot be reached. The tool must not act then
   */
  void renew() throws AttemptFailedException, InterruptedException;

  /**
   * Returns true as long as no other attempt can have ended this claim. The answer needs no round
   * trip: it is measured on this process's clocks, from the moment before the last renewal was
   * sent. Returns false until {@link #renew} has returned once.
   */
  boolean holds();
}
