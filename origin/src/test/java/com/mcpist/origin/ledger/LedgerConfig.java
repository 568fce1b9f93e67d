package com.mcpist.origin.ledger;

import java.time.Duration;

/** An origin's configuration of the ledger, but for what a test sets. */
final class LedgerConfig {
  private final Ledger.Config origins = Ledger.Config.of("test", true, false);
  private Duration lockWait = origins.lockWait();
  private Duration lease = origins.lease();

  /** No test wants it by surprise. */
  private Duration cleanEvery = Duration.ofHours(1);

  private boolean storageLimited = origins.storageLimited();
  private boolean counts = origins.counts();

  LedgerConfig lockWait(Duration longest) {
    lockWait = longest;
    return this;
  }

  LedgerConfig lease(Duration length) {
    lease = length;
    return this;
  }

  LedgerConfig cleanEvery(Duration interval) {
    cleanEvery = interval;
    return this;
  }

  LedgerConfig storageLimited(boolean limited) {
    storageLimited = limited;
    return this;
  }

  LedgerConfig counts(boolean paid) {
    counts = paid;
    return this;
  }

  Ledger.Config build() {
    return new Ledger.Config(
        origins.instance(),
        lockWait,
        origins.statementTime(),
        origins.idleTime(),
        origins.busyWait(),
        lease,
        cleanEvery,
        storageLimited,
        counts);
  }
}
