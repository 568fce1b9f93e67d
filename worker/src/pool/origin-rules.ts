import { holdDownAfter, nextProbeDelay, type PoolSettings } from "./settings";
import type { OriginState } from "./state";

// What each observation does to the state of its own origin.

/** When, and by which settings. */
export interface Moment {
  readonly settings: PoolSettings;
  readonly now: number;
}

/**
 * @param distrusted its heartbeat is silent and another origin can do its work: /health may well be answered by a process that no
 *     longer runs calls
 */
export function probeUp(origin: OriginState, distrusted: boolean, moment: Moment): OriginState {
  const { settings, now } = moment;
  const ups = origin.ups + 1;
  const enough = ups >= settings.consecutiveUp;
  let next: OriginState = { ...origin, downs: 0, ups };
  if (origin.health === "healthy") {
    if (origin.heldUntil !== null && now >= origin.heldUntil) {
      next = { ...next, heldUntil: null };
    }
  } else if (enough && !distrusted) {
    next = recover(next, moment);
  }
  const probeDelay =
    enough && distrusted ? nextProbeDelay(settings, next.probeDelay) : settings.probeDelay;
  next = { ...next, probeDelay };
  return { ...next, nextProbe: nextProbeAfterSuccess(next, moment) };
}

function nextProbeAfterSuccess(origin: OriginState, { settings, now }: Moment): number {
  if (origin.health !== "healthy") {
    return now + origin.probeDelay;
  }
  if (origin.heldUntil === null) {
    return now + settings.interval;
  }
  // "Steadily" means watched: a hold-down with a single probe at its end would prove little.
  return Math.min(now + settings.probeDelayMax, origin.heldUntil);
}

export function probeDown(origin: OriginState, reason: string, moment: Moment): OriginState {
  const { settings, now } = moment;
  let next: OriginState = {
    ...origin,
    lastFailure: { at: now, reason },
    ups: 0,
    downs: origin.downs + 1,
  };
  if (origin.health !== "healthy") {
    next = { ...next, probeDelay: nextProbeDelay(settings, origin.probeDelay) };
  } else if (origin.heldUntil !== null) {
    next = { ...next, heldUntil: now + holdDownAfter(settings, origin.failures) };
  }
  if (next.downs >= settings.consecutiveDown) {
    next = { ...fail(next, moment), health: "unhealthy" };
  }
  return { ...next, nextProbe: now + next.probeDelay };
}

/** As a successful probe, but it does not move the next one. */
export function callSucceeded(origin: OriginState, moment: Moment): OriginState {
  const next = { ...origin, downs: 0, ups: origin.ups + 1 };
  return next.ups >= moment.settings.consecutiveUp ? recover(next, moment) : next;
}

export function attemptFailed(origin: OriginState, reason: string, moment: Moment): OriginState {
  const next = { ...origin, lastFailure: { at: moment.now, reason }, ups: 0 };
  return fail(next.health === "healthy" ? suspect(next, moment) : next, moment);
}

/** Counts an outage as a failure, once, unless it was announced or nothing was expected yet. */
function fail(origin: OriginState, { settings, now }: Moment): OriginState {
  if (origin.outage !== "none" && origin.outage !== "silence") {
    return origin;
  }
  if (origin.drained) {
    return { ...origin, outage: "leaving" };
  }
  const recent = origin.failedAt !== null && now < origin.failedAt + settings.failureWindow;
  return {
    ...origin,
    outage: "failure",
    failures: recent ? origin.failures + 1 : 1,
    failedAt: now,
  };
}

export function heartbeatSilent(origin: OriginState, reason: string, { now }: Moment): OriginState {
  return { ...origin, silence: reason, lastFailure: { at: now, reason } };
}

export function heartbeatResumed(origin: OriginState, moment: Moment): OriginState {
  const next = { ...origin, silence: null };
  if (origin.outage !== "silence") {
    return next;
  }
  const recovered = recover(next, moment);
  return { ...recovered, nextProbe: nextProbeAfterSuccess(recovered, moment) };
}

export function heartbeatEnded(origin: OriginState, { now }: Moment): OriginState {
  const sooner = origin.health === "healthy" && now < origin.nextProbe;
  return sooner ? { ...origin, nextProbe: now } : origin;
}

/** Goes on as it is: what was found of the process before is not held against this one. */
export function replaced(origin: OriginState, { now }: Moment): OriginState {
  return origin.health === "healthy" ? { ...origin, downs: 0, nextProbe: now } : origin;
}

export function draining(origin: OriginState, moment: Moment): OriginState {
  const next = origin.health === "healthy" ? suspect(origin, moment) : origin;
  const expected = next.outage === "none" || next.outage === "silence";
  return expected ? { ...next, outage: "leaving" } : next;
}

/** A silence that is taken for the origin's own. */
export function distrust(origin: OriginState, moment: Moment): OriginState {
  return { ...suspect(origin, moment), outage: "silence" };
}

function suspect(origin: OriginState, { settings, now }: Moment): OriginState {
  return {
    ...origin,
    health: "suspect",
    ups: 0,
    downs: 0,
    probeDelay: settings.probeDelay,
    nextProbe: now + settings.probeDelay,
  };
}

/** Makes an origin healthy; how long it is held down depends on what it recovers from. */
function recover(origin: OriginState, moment: Moment): OriginState {
  return {
    ...origin,
    heldUntil: heldUntil(origin, moment),
    health: "healthy",
    outage: "none",
    ups: 0,
    downs: 0,
  };
}

function heldUntil(origin: OriginState, { settings, now }: Moment): number | null {
  switch (origin.outage) {
    case "none":
    case "starting":
      return origin.heldUntil;
    case "silence":
    case "leaving":
      return Math.max(origin.heldUntil ?? 0, now + settings.holdDown);
    case "failure":
      return now + holdDownAfter(settings, origin.failures);
  }
}
