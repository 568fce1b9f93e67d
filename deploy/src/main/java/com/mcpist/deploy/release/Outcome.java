package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Calls;
import com.mcpist.deploy.verify.Verifier.Finding;

/** Before is the Worker's version; the calls are the clients' meanwhile, where the edge tells. */
public record Outcome(
    Result result,
    Version version,
    Optional<Version> before,
    boolean changed,
    List<Part> origins,
    List<Finding> findings,
    Optional<Calls> calls,
    List<String> warnings) {

  public sealed interface Result {
    record Good() implements Result {}

    /** It is good as far as it can be seen, and stays: the entrance has never worked. */
    record Unreached(String why) implements Result {}

    /**
     * It stays, and nobody knows whether it is good: this machine got no answer from it, and no
     * platform says that it is bad. It does not count as a release that was good.
     */
    record Unseen(String why) implements Result {}

    /** It was bad, and what was there before is there again. */
    record Returned(String why) implements Result {}

    /** It is bad, and is still there, or part of it. */
    record Failed(String why) implements Result {}

    default State state() {
      return switch (this) {
        case Good _, Unreached _ -> State.SUCCEEDED;
        case Returned _ -> State.RETURNED;
        case Failed _, Unseen _ -> State.FAILED;
      };
    }

    default String problem() {
      return switch (this) {
        case Good() -> "";
        case Unreached(String why) -> why;
        case Unseen(String why) -> why;
        case Returned(String why) -> why;
        case Failed(String why) -> why;
      };
    }
  }

  public record Version(String release, String id, String told) {
    @Override
    public String toString() {
      return told;
    }
  }

  /** The result in a word: deployed, unchanged, unseen, failed, returned, stuck, untouched. */
  public record Part(String name, String result, String before, String detail, double seconds) {}

  public State state() {
    return result.state();
  }

  public String problem() {
    return result.problem();
  }

  public boolean passed() {
    return result instanceof Result.Good;
  }
}
