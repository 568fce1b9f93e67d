import type { Config, Origin } from "../config/config";
import type { Monitor } from "../monitor/monitor";
import type { OriginPool } from "../monitor/origin-pool";
import type { Payload } from "../wire/payload";
import { isUnkeyedCall } from "./call-error";

/** For which an origin takes the same call again for this one. */
const KEPT_MILLIS = 60_000;
const LOOK_MILLIS = 20;
const FIRST_PAUSE_MILLIS = 100;
const LONGEST_PAUSE_MILLIS = 4_000;
/** After the time in which an origin must answer, whoever told it of a notice has vanished. */
const VANISHED_MILLIS = 1_000;
/** The body of a call that is sent again is not longer or shorter by more, since it has the same arguments. */
const MOST_OTHER_BYTES = 1_024;
/** The runtime may drop a call without another line of it being run. */
const LONGEST_CALL_MILLIS = 360_000;

/** A call, from its body's end until it is known whether its client has the answer. */
export interface InFlight {
  readonly userId: string;
  readonly begun: number;
  /** The length of its body. */
  readonly bytes: number;
  /** The client's header. */
  readonly key: string | null;
  readonly payload: () => Payload;
  readonly over: PromiseWithResolvers<void>;
  /** How many requests it has made to tell origins. */
  told: number;
}

/** What is sent to an origin: the call's request, whose header says that it is undelivered. */
export interface Notice {
  /** The query. */
  readonly query: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

interface Untold extends Notice {
  readonly userId: string;
  readonly until: number;
  /** When somebody is to try next. */
  next: number;
  pause: number;
  readonly tried: Set<string>;
}

/**
 * The calls of which clients have no answer, as far as this isolate knows. Any request of the caller tells the origins, since the
 * one that has found out may be dropped by the runtime.
 */
export class Undelivered {
  readonly #config: Config;
  readonly #pool: OriginPool;
  readonly #monitor: Monitor;
  readonly #inFlight = new Set<InFlight>();
  readonly #untold = new Set<Untold>();

  constructor(config: Config, pool: OriginPool, monitor: Monitor) {
    this.#config = config;
    this.#pool = pool;
    this.#monitor = monitor;
  }

  /**
   * A call begins. Waits, as long as a call waits for an origin, until the origins know what the caller's clients have no answer
   * of, and until it is known whether those of the same calls in flight have theirs: workerd notices that a client has closed its
   * connection only when it writes the answer.
   *
   * @param most so many requests may be made for it
   */
  async enter(call: InFlight, most: number, gone: () => boolean): Promise<void> {
    for (const other of this.#inFlight) {
      if (call.begun - other.begun > LONGEST_CALL_MILLIS) {
        this.#inFlight.delete(other);
      }
    }
    const twins = [...this.#inFlight].filter((other) => areTwins(other, call));
    this.#inFlight.add(call);
    const until = call.begun + this.#config.forwarding.waitMillis;
    for (let now = call.begun; now < until && !gone(); now = Date.now()) {
      const twin = twins.findLast((other) => this.#inFlight.has(other));
      if (twin !== undefined) {
        // The runtime may drop a request that was to wake another one.
        await Promise.race([twin.over.promise, scheduler.wait(LOOK_MILLIS)]);
      } else if (!(await this.#tellNext(call, most))) {
        return;
      }
    }
  }

  /** It is known whether its client has the answer. */
  leave(call: InFlight): void {
    call.over.resolve();
    this.#inFlight.delete(call);
  }

  add(userId: string, notice: Notice): void {
    const now = Date.now();
    const untold = { until: now + KEPT_MILLIS, next: now, pause: FIRST_PAUSE_MILLIS };
    this.#untold.add({ ...notice, userId, ...untold, tried: new Set() });
  }

  /** Tells the origins what the call's caller's clients have no answer of, until they know it. */
  async tell(call: InFlight, most: number): Promise<void> {
    while (call.told < most && (await this.#tellNext(call, most))) {}
  }

  /** Makes one request, or waits a moment; false: nothing is left to be told. */
  async #tellNext(call: InFlight, most: number): Promise<boolean> {
    const now = Date.now();
    for (const old of this.#untold) {
      if (old.until <= now) {
        this.#untold.delete(old);
      }
    }
    if (this.#monitor.keepCalls === false) {
      this.#untold.clear();
    }
    const untold = [...this.#untold].filter(({ userId }) => userId === call.userId);
    if (untold.length === 0) {
      return false;
    }
    const due = call.told < most ? untold.find(({ next }) => next <= now) : undefined;
    if (due === undefined) {
      await scheduler.wait(LOOK_MILLIS);
    } else {
      call.told++;
      await this.#tellOnce(due);
    }
    return true;
  }

  async #tellOnce(untold: Untold): Promise<void> {
    const { tried } = untold;
    const { origins, forwarding } = this.#config;
    const next = () => {
      // Another one would run what it is told of.
      const others = new Set([...tried, ...this.#monitor.keepersNot]);
      return this.#pool.choose(others) ?? this.#pool.inOrder().find((name) => !others.has(name));
    };
    const name = next();
    const origin = origins.find((each) => each.name === name);
    untold.next = Date.now() + forwarding.idleTimeoutMillis + VANISHED_MILLIS;
    if (origin !== undefined && (await isTold(origin, untold, forwarding.idleTimeoutMillis))) {
      this.#untold.delete(untold);
      return;
    }
    if (name !== undefined) {
      tried.add(name);
    }
    untold.next = Date.now();
    if (next() === undefined) {
      tried.clear();
      untold.next += untold.pause;
      untold.pause = Math.min(untold.pause * 2, LONGEST_PAUSE_MILLIS);
    }
  }
}

/** Whether the origin knows it now, or refuses to for good. */
async function isTold(origin: Origin, notice: Notice, timeoutMillis: number): Promise<boolean> {
  const { query, headers, body } = notice;
  const signal = AbortSignal.timeout(timeoutMillis);
  try {
    const init = { method: "POST", headers, body, redirect: "manual", signal } as const;
    const response = await fetch(origin.url + origin.mcpPath + query, init);
    await response.body?.cancel();
    const { status } = response;
    return status < 500 && status !== 429 && !response.headers.has("X-Not-Run");
  } catch {
    return false;
  }
}

/** Whether they are of one caller, call the same tool with the same arguments, and neither has a key of its client's own. */
function areTwins(one: InFlight, other: InFlight): boolean {
  if (one.userId !== other.userId || Math.abs(one.bytes - other.bytes) > MOST_OTHER_BYTES) {
    return false;
  }
  const [call, ...more] = one.payload().messages;
  const [twin, ...others] = other.payload().messages;
  if (call === undefined || twin === undefined || more.length + others.length > 0) {
    return false; // Batches are told, but are not waited for.
  }
  return (
    isUnkeyedCall(call, one.key) &&
    isUnkeyedCall(twin, other.key) &&
    call.name === twin.name &&
    call.args?.length === twin.args?.length &&
    (call.args?.every((byte, i) => byte === twin.args?.[i]) ?? true)
  );
}
