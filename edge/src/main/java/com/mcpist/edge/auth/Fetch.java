package com.mcpist.edge.auth;

import io.vertx.core.Future;

/** Gets the issuer's key set. */
@FunctionalInterface
interface Fetch {
  /** Its text; fails with a reason for the operator. */
  Future<String> get();
}
