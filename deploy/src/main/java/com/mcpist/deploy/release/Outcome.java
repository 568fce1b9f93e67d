package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.verify.Finding;
import java.util.List;
import java.util.Optional;

/**
 * What a deployment has come to.
 *
 * @param state what has become of the origins: where it has succeeded and there is a problem, only
 *     an entrance fails that has never worked
 * @param release as people call it
 * @param changed whether anything had to be done
 * @param problem why it has not passed; else empty
 * @param findings of the last verification; none where there was none
 * @param calls of the clients meanwhile, where the edge tells
 * @param warnings what else a person should know
 */
public record Outcome(
    State state,
    String release,
    String digest,
    boolean changed,
    String problem,
    List<Part> origins,
    List<Finding> findings,
    Optional<EdgeStatus.Calls> calls,
    List<String> warnings) {

  /**
   * One origin's part.
   *
   * @param result in a word: deployed, unchanged, failed, returned, untouched
   * @param seconds how long it took
   */
  public record Part(String name, String result, String before, String detail, double seconds) {}

  /** As given. */
  public Outcome {
    origins = List.copyOf(origins);
    findings = List.copyOf(findings);
    warnings = List.copyOf(warnings);
  }

  /** The same, with what has become of calls meanwhile. */
  Outcome with(EdgeStatus.Calls meanwhile) {
    return new Outcome(
        state,
        release,
        digest,
        changed,
        problem,
        origins,
        findings,
        Optional.of(meanwhile),
        warnings);
  }

  /** Whether all is as it was asked for. */
  public boolean passed() {
    return state == State.SUCCEEDED && problem.isEmpty();
  }
}
