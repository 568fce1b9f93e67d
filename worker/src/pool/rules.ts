import { type Observation, reasonOf } from "./observation";
import * as rules from "./origin-rules";
import {
  firstUsable,
  givenUp,
  type OriginState,
  originOf,
  type PoolState,
  replaceable,
  replaceOrigin,
  type Status,
  status,
  usable,
} from "./state";

/** What an observation changed, for those who act on it. */
export type Change =
  | {
      readonly kind: "status";
      readonly origin: string;
      readonly from: Status;
      readonly to: Status;
      readonly why: string;
    }
  | { readonly kind: "active"; readonly from: string | null; readonly to: string | null }
  | { readonly kind: "givenUp"; readonly origin: string; readonly why: string };

/** The state after an observation, and what that changed. */
export interface Transition {
  readonly state: PoolState;
  readonly changes: readonly Change[];
}

/**
 * The whole decision: state, observation and instant in; state and what it changed out.
 *
 * @param now when it was made; an instant before the state's own counts as the state's
 * @throws when no origin has the observation's name
 */
export function apply(before: PoolState, seen: Observation, now: number): Transition {
  const moment = { settings: before.settings, now: Math.max(now, before.at) };
  const origin = originOf(before, seen.origin);
  const observed = replaceOrigin(before, observe(before, origin, seen, moment));
  const settled = settleSilence(observed, moment);
  const after = { ...settled, active: active(settled), at: moment.now };
  return { state: after, changes: changes(before, after, seen) };
}

function observe(
  before: PoolState,
  origin: OriginState,
  seen: Observation,
  moment: rules.Moment,
): OriginState {
  switch (seen.kind) {
    case "probeUp":
      return rules.probeUp(origin, origin.silence !== null && replaceable(before, origin), moment);
    case "probeDown":
      return rules.probeDown(origin, seen.reason, moment);
    case "attemptFailed":
      return rules.attemptFailed(origin, seen.reason, moment);
    case "attemptSucceeded":
      return countsAsProbe(before, origin) ? rules.callSucceeded(origin, moment) : origin;
    case "heartbeatSilent":
      return rules.heartbeatSilent(origin, seen.reason, moment);
    case "heartbeatResumed":
      return rules.heartbeatResumed(origin, moment);
    case "heartbeatEnded":
      return rules.heartbeatEnded(origin, moment);
    case "replaced":
      return rules.replaced(origin, moment);
    case "draining":
      return rules.draining(origin, moment);
    case "drain":
    case "undrain":
      return { ...origin, drained: seen.kind === "drain" };
  }
}

/**
 * A call that succeeds counts only while no origin is healthy: where another one is, it may be a late answer from before the
 * failure.
 */
function countsAsProbe(before: PoolState, origin: OriginState): boolean {
  return (
    origin.health !== "healthy" &&
    origin.outage !== "leaving" &&
    !origin.drained &&
    !before.origins.some(usable)
  );
}

/**
 * A silent origin is suspect only while another one, not silent, can take its calls: when all are silent it is more likely the
 * edge, its network, or the database that they share.
 */
function settleSilence(state: PoolState, moment: rules.Moment): PoolState {
  let settled = state;
  for (const origin of state.origins) {
    if (origin.silence !== null && origin.health === "healthy" && replaceable(state, origin)) {
      settled = replaceOrigin(settled, rules.distrust(origin, moment));
    }
  }
  return settled;
}

/** Traffic stays where it is until that origin fails, or an earlier one has served its hold-down. */
function active(state: PoolState): string | null {
  const stays = state.origins.find(
    (o) => usable(o) && (o.heldUntil === null || o.name === state.active),
  );
  return stays?.name ?? firstUsable(state.origins);
}

function changes(before: PoolState, after: PoolState, seen: Observation): Change[] {
  const found: Change[] = [];
  for (const is of after.origins) {
    const was = originOf(before, is.name);
    if (status(was) !== status(is)) {
      const why = is.name === seen.origin ? reasonOf(seen) : (is.silence ?? reasonOf(seen));
      found.push({ kind: "status", origin: is.name, from: status(was), to: status(is), why });
    }
    if (is.silence !== null && givenUp(after, is.name) && !givenUp(before, is.name)) {
      found.push({ kind: "givenUp", origin: is.name, why: is.silence });
    }
  }
  if (before.active !== after.active) {
    found.push({ kind: "active", from: before.active, to: after.active });
  }
  return found;
}
