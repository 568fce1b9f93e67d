package com.mcpist.cli;

import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.Reply;
import java.time.Instant;
import picocli.CommandLine.ExitCode;

/** Drain and undrain: asks, and shows how the pair is then. */
record OriginChange(DataOption data) {
  int apply(String verb, String origin) throws Exception {
    Reply reply = data.pair().change(verb, origin);
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
