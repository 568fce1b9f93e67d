package com.mcpist.edge.pool;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What each observation does to the state of its own origin. */
record OriginRules(PoolSettings settings, Instant now) {

  /**
   * @param distrusted its heartbeat is silent and another origin can do its work: /health may well
   *     be answered by a process that no longer runs calls
   */
  void probeUp(Draft origin, boolean distrusted) {
    origin.downs = 0;
    origin.ups++;
    boolean enough = origin.ups >= settings.consecutiveUp();
    if (origin.health == Health.HEALTHY) {
      if (origin.heldUntil != null && !now.isBefore(origin.heldUntil)) {
        origin.heldUntil = null;
      }
    } else if (enough && !distrusted) {
      recover(origin);
    }
    origin.probeDelay =
        enough && distrusted ? settings.nextProbeDelay(origin.probeDelay) : settings.probeDelay();
    origin.nextProbe = nextProbeAfterSuccess(origin);
  }

  private Instant nextProbeAfterSuccess(Draft origin) {
    if (origin.health != Health.HEALTHY) {
      return now.plus(origin.probeDelay);
    }
    if (origin.heldUntil == null) {
      return now.plus(settings.interval());
    }
    // "Steadily" means watched: a hold-down with a single probe at its end would prove little.
    Instant soon = now.plus(settings.probeDelayMax());
    return soon.isBefore(origin.heldUntil) ? soon : origin.heldUntil;
  }

  void probeDown(Draft origin, String reason) {
    origin.lastFailure = new OriginState.LastFailure(now, reason);
    origin.ups = 0;
    origin.downs++;
    if (origin.health != Health.HEALTHY) {
      origin.probeDelay = settings.nextProbeDelay(origin.probeDelay);
    } else if (origin.heldUntil != null) {
      origin.heldUntil = now.plus(settings.holdDownAfter(origin.failures));
    }
    if (origin.downs >= settings.consecutiveDown()) {
      fail(origin);
      origin.health = Health.UNHEALTHY;
    }
    origin.nextProbe = now.plus(origin.probeDelay);
  }

  /** As a successful probe, but it does not move the next one. */
  void callSucceeded(Draft origin) {
    origin.downs = 0;
    origin.ups++;
    if (origin.ups >= settings.consecutiveUp()) {
      recover(origin);
    }
  }

  void attemptFailed(Draft origin, String reason) {
    origin.lastFailure = new OriginState.LastFailure(now, reason);
    origin.ups = 0;
    if (origin.health == Health.HEALTHY) {
      suspect(origin);
    }
    fail(origin);
  }

  /** Counts an outage as a failure, once, unless it was announced or nothing was expected yet. */
  private void fail(Draft origin) {
    switch (origin.outage) {
      case NONE, SILENCE -> {
        if (origin.drained) {
          origin.outage = Outage.LEAVING;
          return;
        }
        origin.outage = Outage.FAILURE;
        boolean recent =
            origin.failedAt != null && now.isBefore(origin.failedAt.plus(settings.failureWindow()));
        origin.failures = recent ? origin.failures + 1 : 1;
        origin.failedAt = now;
      }
      case STARTING, LEAVING, FAILURE -> {}
    }
  }

  void heartbeatResumed(Draft origin) {
    origin.silence = null;
    if (origin.outage == Outage.SILENCE) {
      recover(origin);
      origin.nextProbe = nextProbeAfterSuccess(origin);
    }
  }

  void heartbeatEnded(Draft origin) {
    if (origin.health == Health.HEALTHY && now.isBefore(origin.nextProbe)) {
      origin.nextProbe = now;
    }
  }

  /** Goes on as it is: what was found of the process before is not held against this one. */
  void replaced(Draft origin) {
    if (origin.health == Health.HEALTHY) {
      origin.downs = 0;
      origin.nextProbe = now;
    }
  }

  void draining(Draft origin) {
    if (origin.health == Health.HEALTHY) {
      suspect(origin);
    }
    if (origin.outage == Outage.NONE || origin.outage == Outage.SILENCE) {
      origin.outage = Outage.LEAVING;
    }
  }

  void heartbeatSilent(Draft origin, String reason) {
    origin.silence = reason;
    origin.lastFailure = new OriginState.LastFailure(now, reason);
  }

  /** A silence that is taken for the origin's own. */
  void distrust(Draft origin) {
    suspect(origin);
    origin.outage = Outage.SILENCE;
  }

  private void suspect(Draft origin) {
    origin.health = Health.SUSPECT;
    origin.ups = 0;
    origin.downs = 0;
    origin.probeDelay = settings.probeDelay();
    origin.nextProbe = now.plus(origin.probeDelay);
  }

  /** Makes an origin healthy; how long it is held down depends on what it recovers from. */
  void recover(Draft origin) {
    origin.heldUntil =
        switch (origin.outage) {
          case NONE, STARTING -> origin.heldUntil;
          case SILENCE, LEAVING -> later(origin.heldUntil, now.plus(settings.holdDown()));
          case FAILURE -> now.plus(settings.holdDownAfter(origin.failures));
        };
    origin.health = Health.HEALTHY;
    origin.outage = Outage.NONE;
    origin.ups = 0;
    origin.downs = 0;
  }

  private static Instant later(@Nullable Instant a, Instant b) {
    return a != null && a.isAfter(b) ? a : b;
  }
}
