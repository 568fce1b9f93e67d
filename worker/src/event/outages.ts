import { newCallId } from "../call/uuid";
import { type OriginState, originOf, type PoolState, status } from "../pool/state";
import { causeOf, type PairEvent, seconds, TELL_AGAIN_MILLIS } from "./failovers";

/** The time in which an origin is unhealthy, from its failing on. Instants are milliseconds. */
interface Outage {
  readonly id: string;
  readonly origin: string;
  readonly cause: string;
  readonly at: number;
  toldAt: number;
}

/** Which changes of an isolate's pool begin and end an origin's outage. An operator who drains an origin ends it. */
export class Outages {
  readonly #tell: (event: PairEvent) => void;
  readonly #byDatabase: (instant: number) => number;
  readonly #open = new Map<string, Outage>();

  constructor(tell: (event: PairEvent) => void, byDatabase: (instant: number) => number) {
    this.#tell = tell;
    this.#byDatabase = byDatabase;
  }

  changed(before: PoolState, after: PoolState, now: number): void {
    for (const origin of after.origins) {
      const open = this.#open.get(origin.name);
      const was = originOf(before, origin.name);
      if (open !== undefined && (origin.drained || origin.health === "healthy")) {
        this.#open.delete(origin.name);
        const back = `back after ${seconds(now - open.at)}`;
        this.#told(open, origin.drained ? open.cause : back, now);
      } else if (open === undefined && status(was) !== status(origin)) {
        this.#begin(was, origin, now);
      }
    }
  }

  #begin(was: OriginState, origin: OriginState, now: number): void {
    if (status(origin) === "unhealthy") {
      const { name } = origin;
      const failed = origin.outage === "failure" && !was.drained ? origin.failedAt : null;
      const cause = causeOf(origin);
      const outage = { id: newCallId(), origin: name, cause, at: failed ?? now, toldAt: now };
      this.#open.set(name, outage);
      this.#told(outage, cause, null);
    }
  }

  /** Tells of those that go on once more, where that is due: so it is known that their isolate lives. */
  tellAgain(now: number): void {
    for (const outage of this.#open.values()) {
      if (now - outage.toldAt >= TELL_AGAIN_MILLIS) {
        outage.toldAt = now;
        this.#told(outage, outage.cause, null);
      }
    }
  }

  #told({ id, origin, cause, at }: Outage, message: string, ended: number | null): void {
    const instant = (millis: number) => new Date(this.#byDatabase(millis)).toISOString();
    this.#tell({
      id,
      kind: "outage",
      origin,
      message,
      at: instant(at),
      ended: ended === null ? null : instant(ended),
      data: { cause },
    });
  }
}
