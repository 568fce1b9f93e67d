package com.mcpist.edge.proxy;

/** Which calls may be sent again after an origin may have seen them. */
public enum Replay {
  /** All: the origins have the ledger, so a call that is sent again has its effect once. */
  ALL,
  /** Only those that read: for origins that are not MCPist's own. */
  SAFE;
}
