import type { Config } from "../config/config";
import { Monitor } from "./monitor";
import { OriginPool } from "./origin-pool";
import type { Recorded, Store, Tick } from "./store";

/** An outage that is shorter is no alert. */
const LONGEST_SILENT_MILLIS = 30_000;
/** Between two probes of an origin whose state may have changed; a run must be over before the next. */
const LONGEST_BETWEEN_MILLIS = 10_000;
/**
 * An origin that flaps is recorded as down until it has been recorded for so long: so there are never more than a few hundred
 * writes a day, of the 1,000 of the free plan. Isolates find out for themselves that it is well.
 */
const STAYS_DOWN_MILLIS = 600_000;

/** A change of the skew by less is not worth writing down: half a slow probe makes as much. */
const SKEW_STEP_MILLIS = 5_000;

/** A run is written down for whoever asks whether there are any, and no oftener than that takes. */
const TICK_LASTS_MILLIS = 3_600_000;

/** Writes down that the trigger runs: at once where another release does, and then each hour. */
export async function keepTick(store: Store, release: string): Promise<void> {
  const now = Date.now();
  if (isDue(await store.readTick(), release, now)) {
    await store.writeTick({ at: now, release });
  }
}

export function isDue(last: Tick | null, release: string, now: number): boolean {
  return last === null || last.release !== release || now - last.at >= TICK_LASTS_MILLIS;
}

/**
 * Probes all origins, and records a change of their state, and only a change.
 *
 * @returns since when none of them is well; null: one is, or was half a minute ago
 */
export async function watchOrigins(
  config: Config,
  store: Store,
  gatewaySecret: string,
): Promise<number | null> {
  const { health: before, skewMillis, ledgers } = await store.read();
  const pool = new OriginPool(config, Date.now());
  for (const { name } of config.origins) {
    const known = before[name];
    pool.believe(name, known === undefined || known.up ? null : known.reason, Date.now());
  }
  const between = Math.min(config.pool.interval, LONGEST_BETWEEN_MILLIS);
  const monitor = new Monitor(config, pool);
  await monitor.settle(gatewaySecret, config.monitor, between);
  const found: Record<string, Recorded> = {};
  let changed = false;
  for (const { name } of config.origins) {
    const known = before[name] ?? { up: true, at: 0, reason: "" };
    const state = pool.origin(name);
    const now = recorded(state.health === "healthy", state.lastFailure?.reason, known, Date.now());
    changed ||= now !== known;
    if (now.at > 0) {
      found[name] = now;
    }
  }
  if (changed) {
    await store.writeHealth(found);
  }
  const none = config.origins.every(({ name }) => pool.origin(name).health !== "healthy");
  const since = Math.max(...config.origins.map(({ name }) => found[name]?.at ?? 0));
  const said = monitor.ledgers;
  if (Object.entries(said).some(([name, ledger]) => ledgers[name] !== ledger)) {
    await store.writeLedgers({ ...ledgers, ...said });
  }
  const skew = monitor.skewMillis;
  if (skew !== null && Math.abs(skew - (skewMillis ?? 0)) >= SKEW_STEP_MILLIS) {
    await store.writeSkew(skew);
  }
  return none && Date.now() - since >= LONGEST_SILENT_MILLIS ? since : null;
}

/** What is to be recorded of an origin; the very same as before where nothing is new. */
export function recorded(
  up: boolean,
  failure: string | undefined,
  known: Recorded,
  now: number,
): Recorded {
  const settled = known.up || now - known.at >= STAYS_DOWN_MILLIS;
  if (up === known.up || !settled) {
    return known;
  }
  return { up, at: now, reason: up ? "" : (failure ?? "") };
}
