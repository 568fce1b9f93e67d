package com.mcpist.origin.ledger;

import com.mcpist.origin.module.Invocation;
import org.jdbi.v3.core.Handle;

/** A call that writes: the transaction that also records it. */
final class WritingCall extends ForwardingCall {
  private final Handle handle;

  WritingCall(Invocation invocation, Handle handle) {
    super(invocation);
    this.handle = handle;
  }

  @Override
  public Handle database() {
    return handle;
  }
}
