package com.mcpist.drill;

import com.mcpist.pair.data.PairException;

/** A fault that is ready to be injected. */
interface Breakage {
  /** Injects it, and returns when it is done. */
  void happen() throws PairException, InterruptedException;
}
