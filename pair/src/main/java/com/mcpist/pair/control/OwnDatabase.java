package com.mcpist.pair.control;

import org.jspecify.annotations.Nullable;

/**
 * A pair's own PostgreSQL, for whoever looks after the pair. It passes the control socket only.
 *
 * @param url with the password: postgres://user:password@host:port/database
 * @param pid the server's first process; null while it is down
 */
public record OwnDatabase(String url, @Nullable Long pid) {
  /** Never the password. */
  @Override
  public String toString() {
    return "OwnDatabase[pid=" + pid + "]";
  }
}
