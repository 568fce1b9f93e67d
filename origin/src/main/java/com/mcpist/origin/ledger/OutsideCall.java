package com.mcpist.origin.ledger;

import com.mcpist.origin.module.Invocation;
import org.jdbi.v3.core.Handle;

/** A call that acts outside: it has no transaction, which could not be undone with what it did. */
final class OutsideCall extends ForwardingCall {
  OutsideCall(Invocation invocation) {
    super(invocation);
  }

  @Override
  public Handle database() {
    throw new IllegalStateException("A tool that acts outside has no transaction");
  }
}
