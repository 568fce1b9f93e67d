package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.verify.Finding;
import java.util.List;
import java.util.Optional;

/**
 * What bringing the Worker out has come to.
 *
 * @param state of the Worker: where it has succeeded and there is a problem, only an entrance fails
 *     that has never worked
 * @param version what was brought out
 * @param before what served before; empty where nothing did
 * @param changed whether anything had to be done
 * @param problem why it has not passed; else empty
 * @param findings of the verification; none where there was none
 * @param warnings what else a person should know
 */
public record WorkerOutcome(
    State state,
    WorkerVersion version,
    Optional<WorkerVersion> before,
    boolean changed,
    String problem,
    List<Finding> findings,
    List<String> warnings) {
  /** As given. */
  public WorkerOutcome {
    findings = List.copyOf(findings);
    warnings = List.copyOf(warnings);
  }

  /** Whether all is as it was asked for. */
  public boolean passed() {
    return state == State.SUCCEEDED && problem.isEmpty();
  }
}
