package com.mcpist.e2e.bench;

import com.mcpist.drill.tool.Tally;
import com.mcpist.e2e.harness.McpConnection;
import java.io.IOException;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Calls of a tool, each with a text of its own, so that it can be counted which of them have run,
 * and how often.
 */
interface CountedCalls {

  /** Calls once, and returns the name of the origin that answered. */
  String call(McpConnection connection, int client, int number) throws IOException;

  /** Returns how many calls a client was told are done. */
  int done();

  /** Returns how many calls a client was told have an unknown outcome, and may have one. */
  int unknown();

  /**
   * Counts, once nothing is under way any more.
   *
   * @param database where the origins have saved
   */
  Tally tally(DataSource database) throws SQLException, IOException;
}
