package com.mcpist.origin.ledger;

import java.time.Duration;

/**
 * The ledger's limits.
 *
 * @param instance names this process in what it records
 * @param lockWait the longest wait for a lock, be it the call's or a row's
 * @param statementTime the longest statement
 * @param idleTime the longest pause between two statements of a transaction
 * @param busyWait how long an attempt without a deadline waits for another one to end
 * @param lease for how long a claim is taken to be alive after its process last said so
 * @param cleanEvery about how often expired calls are deleted
 * @param storageLimited whether a user may store no more than the plan says
 */
public record LedgerConfig(
    String instance,
    Duration lockWait,
    Duration statementTime,
    Duration idleTime,
    Duration busyWait,
    Duration lease,
    Duration cleanEvery,
    boolean storageLimited) {
  /** The limits that the origin has. */
  public static LedgerConfig of(String instance, boolean storageLimited) {
    return new LedgerConfig(
        instance,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        storageLimited);
  }
}
