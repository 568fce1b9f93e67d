package com.mcpist.origin.ledger;

import com.mcpist.origin.db.Database;
import java.sql.SQLException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/**
 * The claims that this process is at, renewed while it lives. So another origin can tell a claim
 * that will be finished from one that will not.
 */
final class Leases implements AutoCloseable {
  /** How many times a lease is renewed before it would end. */
  private static final int RENEWALS = 4;

  private final Set<UUID> held = ConcurrentHashMap.newKeySet();
  private final Database database;
  private final Ledger ledger;
  private final Background renewal;

  Leases(Database database, Ledger ledger, LedgerConfig config) {
    this.database = database;
    this.ledger = ledger;
    this.renewal = Background.start("claims", config.lease().dividedBy(RENEWALS), this::renew);
  }

  void hold(UUID claim) {
    held.add(claim);
  }

  void release(UUID claim) {
    held.remove(claim);
  }

  private void renew() throws SQLException {
    Set<UUID> now = Set.copyOf(held);
    if (now.isEmpty()) {
      return;
    }
    try (Handle handle = database.open()) {
      ledger.renew(handle.getConnection(), now);
    }
  }

  @Override
  public void close() {
    renewal.close();
  }
}
