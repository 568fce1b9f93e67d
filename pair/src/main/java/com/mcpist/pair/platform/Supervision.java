package com.mcpist.pair.platform;

import com.mcpist.pair.control.Reply;
import com.mcpist.pair.control.Request;
import com.mcpist.pair.data.PairException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The supervisor of a data folder, as its platform is asked through it. */
public interface Supervision {
  /** The data folder. */
  Path data();

  /**
   * Asks it.
   *
   * @return null where nobody listens, or the answer broke off
   * @throws PairException where it does not answer within the limit
   */
  @Nullable Reply ask(Request request, Duration limit) throws PairException, InterruptedException;
}
