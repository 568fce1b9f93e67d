import { newCallId } from "../call/uuid";
import { type OriginState, originOf, type PoolState } from "../pool/state";

/** Something that has happened, as origins take it. Its instants are ISO 8601. */
export interface PairEvent {
  readonly id: string;
  readonly kind: string;
  readonly origin: string | null;
  readonly message: string;
  readonly at: string;
  /** Null: it goes on, or does not last. */
  readonly ended: string | null;
  readonly data: Readonly<Record<string, string | number>>;
}

/** An origin takes who is silent about something that lasts for two minutes for gone. */
const TELL_AGAIN_MILLIS = 30_000;

/**
 * The time in which calls go elsewhere because the origin that had them failed: until that one, or one that is preferred to it, has
 * them again, or an operator takes it out. Instants are milliseconds.
 */
interface Failover {
  readonly id: string;
  readonly from: string;
  /** Who has them now, or had them last; null: nobody yet. */
  to: string | null;
  readonly cause: string;
  readonly at: number;
  /** Since when no origin is healthy; null: one is. */
  noneSince: number | null;
  noneMillis: number;
  replayed: number;
  longestWaitMillis: number;
  failed: number;
  toldAt: number;
}

/** Which changes of an isolate's pool are failovers, and what its calls had of them. */
export class Failovers {
  readonly #tell: (event: PairEvent) => void;
  readonly #byDatabase: (instant: number) => number;
  #open: Failover | null = null;

  constructor(tell: (event: PairEvent) => void, byDatabase: (instant: number) => number) {
    this.#tell = tell;
    this.#byDatabase = byDatabase;
  }

  changed(before: PoolState, after: PoolState, now: number): void {
    const { active } = after;
    const open = this.#open;
    if (open !== null) {
      if (isOver(open, after)) {
        this.#open = null;
        const { drained } = originOf(after, open.from);
        const event = this.#event(open, now, true);
        const data = { ...event.data, end: drained ? "drained" : "recovered" };
        this.#tell({ ...event, message: drained ? "drained" : event.message, data });
      } else {
        serve(open, active, now);
      }
    } else if (before.active !== null && before.active !== active) {
      this.#begin(originOf(after, before.active), active, now);
    }
  }

  #begin(from: OriginState, to: string | null, now: number): void {
    if (from.drained || from.health === "healthy") {
      return;
    }
    this.#open = {
      id: newCallId(),
      from: from.name,
      to,
      cause: causeOf(from),
      at: now,
      noneSince: to === null ? now : null,
      noneMillis: 0,
      replayed: 0,
      longestWaitMillis: 0,
      failed: 0,
      toldAt: now,
    };
    this.#tell(this.#event(this.#open, now, false));
  }

  /** A call has been answered, so long after it came. */
  answered(failed: boolean, attempts: number, waitedMillis: number): void {
    const open = this.#open;
    if (open === null) {
      return;
    }
    open.failed += failed ? 1 : 0;
    if (attempts > 1) {
      open.replayed++;
      open.longestWaitMillis = Math.max(open.longestWaitMillis, waitedMillis);
    }
  }

  /** Tells of one that goes on once more, where that is due: so it is known that its isolate lives. */
  tellAgain(now: number): void {
    const open = this.#open;
    if (open !== null && now - open.toldAt >= TELL_AGAIN_MILLIS) {
      open.toldAt = now;
      this.#tell(this.#event(open, now, false));
    }
  }

  #event(failover: Failover, now: number, over: boolean): PairEvent {
    const { id, from, to, cause, at, replayed, longestWaitMillis, failed } = failover;
    const noneMillis = noneOf(failover, now);
    const figures = { replayed, longestWaitMillis, failed, noneMillis };
    return {
      id,
      kind: "failover",
      origin: from,
      message: over ? told(failover, now - at, noneMillis) : `${to ?? "no origin"} serves`,
      at: this.#instant(at),
      ended: over ? this.#instant(now) : null,
      data: { cause, from, ...(to === null ? {} : { to }), ...figures },
    };
  }

  #instant(millis: number): string {
    return new Date(this.#byDatabase(millis)).toISOString();
  }
}

function isOver({ from }: Failover, pool: PoolState): boolean {
  const { origins, active } = pool;
  const place = (name: string) => origins.findIndex((o) => o.name === name);
  return originOf(pool, from).drained || (active !== null && place(active) <= place(from));
}

function serve(failover: Failover, active: string | null, now: number): void {
  if (active === null) {
    failover.noneSince ??= now;
  } else {
    failover.noneMillis = noneOf(failover, now);
    failover.noneSince = null;
    failover.to = active;
  }
}

function noneOf({ noneSince, noneMillis }: Failover, now: number): number {
  return noneMillis + (noneSince === null ? 0 : now - noneSince);
}

function told(failover: Failover, millis: number, noneMillis: number): string {
  const { to, replayed, longestWaitMillis, failed } = failover;
  const gap = noneMillis > 0 ? `, none ${seconds(noneMillis)}` : "";
  const served =
    to === null
      ? `no origin served for ${seconds(noneMillis)}`
      : `${to} served ${seconds(millis - noneMillis)}${gap}`;
  return `${served}, ${replayed} calls replayed, longest wait ${seconds(longestWaitMillis)}, ${failed} failed`;
}

/** Why it is not healthy. */
export function causeOf({ outage, lastFailure }: OriginState): string {
  return outage === "leaving" || lastFailure === null ? "it stops" : lastFailure.reason;
}

export function seconds(millis: number): string {
  return `${(millis / 1_000).toFixed(millis < 10_000 ? 1 : 0).replace(".0", "")} s`;
}
