package com.mcpist.cli;

import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.Reply;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/** A change of one program: asks for it, and shows how the pair is then. */
record OriginChange(DataOption data) {
  /** Drains or undrains an origin. */
  int apply(String verb, String origin) throws Exception {
    return show(data.pair().change(verb, origin));
  }

  /**
   * Shows what a change has come to.
   *
   * @param reply null where no pair runs
   * @return the exit code
   */
  int show(@Nullable Reply reply) throws Failure {
    if (reply == null) {
      throw data.nothingRuns();
    }
    String error = reply.error();
    if (error != null) {
      throw reply.usage() ? Failure.usage(error) : Failure.failed(error);
    }
    PairStatus status = reply.status();
    if (status != null) {
      System.out.print(StatusTable.render(status, Instant.now(), Terminal.detect()));
      System.out.flush();
    }
    return ExitCode.OK;
  }
}
