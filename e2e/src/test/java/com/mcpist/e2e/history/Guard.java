package com.mcpist.e2e.history;

/**
 * A part of the product that a world's database can do without, so that a test sees that histories
 * find out.
 */
enum Guard {
  /** An earlier attempt's session is not ended. */
  FENCE(
      """
      create or replace function ledger_fence(
        p_from_client boolean, p_id text, p_index integer, p_attempt integer, p_try integer)
      returns boolean language sql as 'select false'
      """),
  /** A notice of an undelivered call is acknowledged, and not recorded. */
  NOTICE(
      """
      create or replace function ledger_undelivered(
        p_user text, p_from_client boolean, p_id text, p_index integer, p_deadline timestamptz,
        p_tool text, p_hash text, p_sending text, p_until timestamptz, p_lock_millis integer)
      returns void language sql as ''
      """);

  /** Replaces the guard's function by one that does nothing. */
  final String sql;

  Guard(String sql) {
    this.sql = sql;
  }
}
