package com.mcpist.edge.pool;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An origin's state while one observation is applied to it. It never leaves the call that made it,
 * so what is seen from outside are immutable states only.
 */
final class Draft {
  private final String name;
  boolean drained;
  Health health;
  Outage outage;
  @Nullable String silence;
  int ups;
  int downs;
  int failures;
  @Nullable Instant failedAt;
  @Nullable Instant heldUntil;
  Duration probeDelay;
  Instant nextProbe;
  OriginState.@Nullable LastFailure lastFailure;

  Draft(OriginState from) {
    name = from.name();
    drained = from.drained();
    health = from.health();
    outage = from.outage();
    silence = from.silence();
    ups = from.ups();
    downs = from.downs();
    failures = from.failures();
    failedAt = from.failedAt();
    heldUntil = from.heldUntil();
    probeDelay = from.probeDelay();
    nextProbe = from.nextProbe();
    lastFailure = from.lastFailure();
  }

  OriginState state() {
    return new OriginState(
        name,
        drained,
        health,
        outage,
        silence,
        ups,
        downs,
        failures,
        failedAt,
        heldUntil,
        probeDelay,
        nextProbe,
        lastFailure);
  }
}
