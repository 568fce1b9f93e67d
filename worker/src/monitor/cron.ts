import { newCallId } from "../call/uuid";
import type { Config } from "../config/config";
import { Events } from "../event/events";
import { causeOf, type PairEvent, seconds } from "../event/failovers";
import type { OriginState } from "../pool/state";
import { Monitor, type Prober } from "./monitor";
import { OriginPool } from "./origin-pool";
import type { Recorded, Store, Tick } from "./store";

/** Between two probes of an origin whose state may have changed; a run must be over before the next. */
const LONGEST_BETWEEN_MILLIS = 10_000;
/**
 * At least between the beginnings of two outages that are recorded of an origin that flaps: so two origins cost fewer than 600 writes
 * a day, of the 1,000 of the free plan. Meanwhile isolates take it for down, and find out for themselves that it is well.
 */
const FLAPS_MILLIS = 600_000;

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
 * Probes all origins, records a change of their state, and only a change, and tells their outages.
 *
 * @returns whether none of them can be given calls
 */
export async function watchOrigins(config: Config, store: Store, by: Prober): Promise<boolean> {
  const { health: before, drained: taken, skewMillis, ledgers } = await store.read();
  const pool = new OriginPool(config, Date.now());
  for (const { name, drained } of config.origins) {
    const known = before[name];
    pool.believe(name, known?.ended === null ? known.cause : null, Date.now());
    const kind = (taken[name] ?? drained) ? "drain" : "undrain";
    pool.observe({ kind, origin: name }, Date.now());
  }
  const between = Math.min(config.pool.interval, LONGEST_BETWEEN_MILLIS);
  const monitor = new Monitor(config, pool);
  // Without the shared knowledge, the refusal of a platform that has stopped an origin would pass for that of another server.
  monitor.learnLedgers(ledgers);
  await monitor.settle(by.gatewaySecret, config.monitor, between);
  const now = Date.now();
  const found: Record<string, Recorded> = {};
  for (const origin of pool.state.origins) {
    const outage = recorded(origin, before[origin.name] ?? null, now);
    if (outage !== null) {
      found[origin.name] = outage;
    }
  }
  if (Object.entries(found).some(([name, outage]) => outage !== before[name])) {
    await store.writeHealth(found);
  }
  const events = new Events(monitor);
  for (const [name, outage] of Object.entries(found)) {
    // An end is told for a while: no origin may have taken it the first time.
    if (now - (outage.ended ?? now) < FLAPS_MILLIS) {
      events.add(eventOf(name, outage, monitor));
    }
  }
  events.tell(by);
  const said = monitor.ledgers;
  if (Object.entries(said).some(([name, ledger]) => ledgers[name] !== ledger)) {
    await store.writeLedgers({ ...ledgers, ...said });
  }
  const skew = monitor.skewMillis;
  if (skew !== null && Math.abs(skew - (skewMillis ?? 0)) >= SKEW_STEP_MILLIS) {
    await store.writeSkew(skew);
  }
  return pool.state.active === null;
}

/** What is to be recorded of an origin; the very same as before where nothing is new. */
export function recorded(
  origin: OriginState,
  known: Recorded | null,
  now: number,
): Recorded | null {
  const over = origin.drained || origin.health === "healthy";
  if (known?.ended === null) {
    return over ? { ...known, ended: now, drained: origin.drained } : known;
  }
  return over || (known !== null && isDown(known, now))
    ? known
    : { id: newCallId(), at: now, cause: causeOf(origin), ended: null, drained: false };
}

/** Whether an origin is taken for down by an isolate that knows no more of it. */
export function isDown({ at, ended }: Recorded, now: number): boolean {
  return ended === null || now - at < FLAPS_MILLIS;
}

function eventOf(origin: string, outage: Recorded, monitor: Monitor): PairEvent {
  const { id, at, cause, ended, drained } = outage;
  const instant = (millis: number) => new Date(monitor.byDatabase(millis)).toISOString();
  const over = drained ? "drained" : `back after ${seconds((ended ?? at) - at)}`;
  return {
    id,
    kind: "outage",
    origin,
    message: ended === null ? cause : over,
    at: instant(at),
    ended: ended === null ? null : instant(ended),
    data: { cause, ...(ended === null ? {} : { end: drained ? "drained" : "recovered" }) },
  };
}
