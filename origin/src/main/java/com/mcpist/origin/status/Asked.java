package com.mcpist.origin.status;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an edge asks for, and what it tells of itself: docs/design/processes.md. The call is what a
 * person typed; live is whether the edge tells the page of changes.
 */
record Asked(
    Edge edge,
    Part part,
    Texts.Language language,
    @Nullable String call,
    boolean live,
    boolean signedIn) {
  private static final int LONGEST_CALL = 256;

  Asked {
    Objects.requireNonNull(edge, "edge");
    Objects.requireNonNull(part, "part");
    Objects.requireNonNull(language, "language");
    call = call == null || call.isBlank() ? null : call;
    if (call != null && call.length() > LONGEST_CALL) {
      throw new IllegalArgumentException("call has more than " + LONGEST_CALL + " characters");
    }
  }

  enum Part {
    PAGE,
    MAIN,
    PUBLIC
  }

  /** Its time is by the database's clock; its origins are in the order of preference. */
  record Edge(
      String kind,
      Instant at,
      @Nullable Instant activeSince,
      List<SeenOrigin> origins,
      Calls calls) {
    Edge {
      Objects.requireNonNull(kind, "kind");
      Objects.requireNonNull(at, "at");
      Objects.requireNonNull(origins, "origins");
      Objects.requireNonNull(calls, "calls");
    }

    Standing standing() {
      boolean first = true;
      for (SeenOrigin origin : origins) {
        if (origin.active()) {
          return !first
              ? Standing.STANDBY
              : origins.size() == 1 || origins.stream().anyMatch(SeenOrigin::isReserve)
                  ? Standing.WELL
                  : Standing.ALONE;
        }
        first = false;
      }
      return origins.stream().anyMatch(SeenOrigin::isHealthy) ? Standing.IDLE : Standing.DOWN;
    }

    String active() {
      return origins.stream()
          .filter(SeenOrigin::active)
          .map(SeenOrigin::name)
          .findFirst()
          .orElse("");
    }
  }

  /** How the pair is, in a word. */
  enum Standing {
    /** The first origin serves, and another one could. */
    WELL,
    /** The first origin serves, and no other could. */
    ALONE,
    STANDBY,
    /** No origin has been chosen yet: one is healthy. */
    IDLE,
    DOWN
  }

  record Calls(long answered, long failed, long replayed) {}

  record SeenOrigin(
      String name,
      State state,
      boolean active,
      @Nullable String release,
      @Nullable Failure lastFailure,
      long attempts,
      @Nullable Double p50Millis,
      @Nullable Double p99Millis) {
    SeenOrigin {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(state, "state");
    }

    boolean isHealthy() {
      return state == State.HEALTHY;
    }

    boolean isReserve() {
      return isHealthy() && !active;
    }
  }

  enum State {
    HEALTHY,
    SUSPECT,
    UNHEALTHY,
    DRAINED
  }

  record Failure(Instant at, String reason) {
    Failure {
      Objects.requireNonNull(at, "at");
      Objects.requireNonNull(reason, "reason");
    }
  }
}
