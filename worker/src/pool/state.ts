import type { PoolSettings } from "./settings";

/** What is known of an origin, whether or not it is drained. */
export type Health = "healthy" | "suspect" | "unhealthy";

/** An origin's state as it is shown. */
export type Status = Health | "drained";

/**
 * Why an origin is not healthy, which decides how long it must be well before it is preferred again: not at all where it has not
 * been healthy yet (starting); for the base where its heartbeat stopped, which may be a false alarm, or it said that it stops; for
 * longer each time after a failure.
 */
export type Outage = "none" | "starting" | "silence" | "leaving" | "failure";

/** What the pool knows of one origin. Instants are milliseconds. */
export interface OriginState {
  readonly name: string;
  /** Taken out by an operator. */
  readonly drained: boolean;
  readonly health: Health;
  readonly outage: Outage;
  /** Why its heartbeat counts as silent; null: it does not. */
  readonly silence: string | null;
  /** Successful probes, and calls that count as such, in a row since it was last healthy. */
  readonly ups: number;
  /** Failed probes in a row. */
  readonly downs: number;
  /** Real failures, each less than a window after the one before. */
  readonly failures: number;
  readonly failedAt: number | null;
  /** It is well, but another is preferred until a probe succeeds at or after this. */
  readonly heldUntil: number | null;
  /** The last delay between probes while it is not well. */
  readonly probeDelay: number;
  readonly nextProbe: number;
  readonly lastFailure: { readonly at: number; readonly reason: string } | null;
}

/** All origins, in their fixed order. */
export interface PoolState {
  readonly settings: PoolSettings;
  readonly origins: readonly OriginState[];
  /** The origin that new calls go to; null when none is healthy. */
  readonly active: string | null;
  /** The latest instant that was applied; the state never goes back behind it. */
  readonly at: number;
}

/**
 * A pool of which nothing is known yet: every origin is suspect, and to be probed at once.
 *
 * @throws when there are no origins, or two of one name
 */
export function starting(names: readonly string[], settings: PoolSettings, now: number): PoolState {
  if (names.length === 0 || new Set(names).size !== names.length) {
    throw new Error("A pool needs origins, each of another name");
  }
  const origins = names.map(
    (name): OriginState => ({
      name,
      drained: false,
      health: "suspect",
      outage: "starting",
      silence: null,
      ups: 0,
      downs: 0,
      failures: 0,
      failedAt: null,
      heldUntil: null,
      probeDelay: settings.probeDelay,
      nextProbe: now,
      lastFailure: null,
    }),
  );
  return { settings, origins, active: null, at: now };
}

export function status(origin: OriginState): Status {
  return origin.drained ? "drained" : origin.health;
}

/** Whether it may be given calls. */
export function usable(origin: OriginState): boolean {
  return !origin.drained && origin.health === "healthy";
}

/** @throws when there is none of that name */
export function originOf(pool: PoolState, name: string): OriginState {
  const found = pool.origins.find((o) => o.name === name);
  if (found === undefined) {
    throw new Error(`No origin is named ${name}`);
  }
  return found;
}

/**
 * Where the next attempt of a call goes: the active origin; or, where the call has tried that, the first other one that is usable,
 * one that is held down only for want of a better one. Null when no usable origin is left untried.
 */
export function choose(pool: PoolState, tried: ReadonlySet<string>): string | null {
  if (pool.active !== null && !tried.has(pool.active)) {
    return pool.active;
  }
  return firstUsable(pool.origins.filter((o) => !tried.has(o.name)));
}

/** Every origin that is not drained, in order; those that are stopping come last. */
export function inOrder(pool: PoolState): string[] {
  const enabled = pool.origins.filter((o) => !o.drained);
  return [
    ...enabled.filter((o) => o.outage !== "leaving"),
    ...enabled.filter((o) => o.outage === "leaving"),
  ].map((o) => o.name);
}

/** Whether, without this origin, none would be healthy. */
export function wouldLeaveNone(pool: PoolState, drained: string): boolean {
  return !pool.origins.some((o) => usable(o) && o.name !== drained);
}

/**
 * Whether its calls in flight are given up: it is silent, and another can do them. One that announced its stop finishes its calls,
 * heartbeat or not.
 */
export function givenUp(pool: PoolState, name: string): boolean {
  const origin = originOf(pool, name);
  return (
    origin.silence !== null &&
    origin.health !== "healthy" &&
    origin.outage !== "leaving" &&
    replaceable(pool, origin)
  );
}

/** Whether another origin, healthy and not silent, can take its calls. */
export function replaceable(pool: PoolState, origin: OriginState): boolean {
  return pool.origins.some((o) => usable(o) && o.silence === null && o.name !== origin.name);
}

export function firstUsable(candidates: readonly OriginState[]): string | null {
  const good = candidates.filter(usable);
  return (good.find((o) => o.heldUntil === null) ?? good[0])?.name ?? null;
}

export function replaceOrigin(pool: PoolState, changed: OriginState): PoolState {
  const origins = pool.origins.map((o) => (o.name === changed.name ? changed : o));
  return { ...pool, origins };
}
