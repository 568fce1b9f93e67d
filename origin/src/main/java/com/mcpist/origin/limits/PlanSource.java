package com.mcpist.origin.limits;

import java.sql.SQLException;

/** Where plans come from. */
@FunctionalInterface
interface PlanSource {
  /** A user's plan, as it is now. Blocks for some seconds at most. */
  Plan plan(String user) throws SQLException;
}
