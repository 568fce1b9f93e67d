import type { Config, Origin } from "../config/config";
import type { Monitor } from "../monitor/monitor";
import type { OriginPool } from "../monitor/origin-pool";
import { LEDGER } from "../monitor/probe";
import { lengthOf } from "../wire/headers";
import { jsonHash } from "../wire/json-hash";
import { type Payload, readBody } from "../wire/payload";
import type { Lease } from "./budget";
import { isUnkeyedCall } from "./call-error";

/** The time for which an origin takes an equal call for the undelivered one. */
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

/** A notice that origins are told, until one knows or it does not matter any more. */
export interface Untold extends Notice {
  readonly userId: string;
  /** The calls of tools in it that have no client's key. */
  readonly calls: ReadonlySet<string>;
  /** What an origin said: it has recorded it, or refuses it for good as it would refuse the call itself. Null: none has said. */
  end: "known" | "refused" | null;
  readonly until: number;
  /** When somebody is to try next. */
  next: number;
  pause: number;
  readonly tried: Set<string>;
  /** Holds the notice's bytes once the call is over. */
  lease: Lease | null;
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
   * A call begins. Waits, as long as a call waits for an origin, until the origins know of the equal calls that the caller's clients
   * have no answer of, and until it is known whether the clients of equal calls in flight have theirs: workerd notices that a client
   * has closed its connection only when it writes the answer. Notices of other calls do not hold it up.
   *
   * @param most so many requests may be made to tell the origins meanwhile
   * @returns false: it may not be sent, since it may be the same as an earlier call whose client has no answer, and no origin could
   *     be told of that one. If both were sent now, both could run
   */
  async enter(call: InFlight, most: number, gone: () => boolean): Promise<boolean> {
    for (const other of this.#inFlight) {
      if (call.begun - other.begun > LONGEST_CALL_MILLIS) {
        this.#inFlight.delete(other);
      }
    }
    const twins = [...this.#inFlight].filter((other) => areTwins(other, call));
    this.#inFlight.add(call);
    const until = call.begun + this.#config.forwarding.waitMillis;
    const equal = new Set<Untold>();
    for (let now = call.begun; now < until && !gone(); now = Date.now()) {
      this.#findEqual(call, equal);
      const twin = twins.findLast((other) => this.#inFlight.has(other));
      if (twin !== undefined) {
        // The runtime may drop a request that was to wake another one.
        await Promise.race([twin.over.promise, scheduler.wait(LOOK_MILLIS)]);
      } else if (!(await this.#tellNext(call, most, (notice) => equal.has(notice)))) {
        break;
      }
    }
    this.#findEqual(call, equal);
    return gone() || [...equal].every(({ end }) => end !== null);
  }

  /** Adds the notices that are about a call that this one may be the same as. */
  #findEqual(call: InFlight, equal: Set<Untold>): void {
    const untold = [...this.#untold].filter(({ userId }) => userId === call.userId);
    if (untold.some((notice) => !equal.has(notice))) {
      const calls = unkeyedCalls(call.payload(), call.key);
      for (const notice of untold.filter((each) => [...calls].some((own) => each.calls.has(own)))) {
        equal.add(notice);
      }
    }
  }

  /** It is known whether its client has the answer. */
  leave(call: InFlight): void {
    call.over.resolve();
    this.#inFlight.delete(call);
  }

  add(userId: string, notice: Notice): Untold {
    const now = Date.now();
    const calls = unkeyedCalls(readBody(notice.body), notice.headers.get("Idempotency-Key"));
    const times = { until: now + KEPT_MILLIS, next: now, pause: FIRST_PAUSE_MILLIS };
    const parts = { ...notice, userId, calls, end: null, ...times, tried: new Set<string>() };
    const untold: Untold = { ...parts, lease: null };
    this.#untold.add(untold);
    return untold;
  }

  /** The call that a notice is about is over: its lease holds what the notice keeps from now on, until the notice ends. */
  hold(untold: Untold, lease: Lease): void {
    if (this.#untold.has(untold)) {
      lease.keep(bytesOf(untold), untold.until);
      untold.lease = lease;
    } else {
      lease.give();
    }
  }

  /** Whether origins are to be told of calls of this user. */
  owes(userId: string): boolean {
    return [...this.#untold].some((untold) => untold.userId === userId);
  }

  #end(untold: Untold): void {
    this.#untold.delete(untold);
    untold.lease?.give();
  }

  /** Tells the origins what the call's caller's clients have no answer of, until they know it. */
  async tell(call: InFlight, most: number): Promise<void> {
    while (call.told < most && (await this.#tellNext(call, most))) {}
  }

  /** Makes one request for a notice of the call's caller, or waits a moment; false: none of these is left to be told. */
  async #tellNext(
    call: InFlight,
    most: number,
    among: (untold: Untold) => boolean = () => true,
  ): Promise<boolean> {
    const now = Date.now();
    for (const old of this.#untold) {
      if (old.until <= now) {
        this.#end(old);
      }
    }
    if (this.#monitor.keepCalls === false) {
      for (const notice of this.#untold) {
        notice.end = "refused"; // There is no ledger that could know of it.
        this.#end(notice);
      }
    }
    const all = [...this.#untold].filter(({ userId }) => userId === call.userId);
    const untold = all.filter(among);
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
    if (origin !== undefined) {
      // An origin that hangs must not record it after another one has: the next equal call would be taken for a further sending of this
      // one.
      const deadline = this.#monitor.byDatabase(Date.now() + forwarding.idleTimeoutMillis);
      untold.headers.set("X-Deadline", String(deadline));
      untold.end ??= await tellOrigin(origin, untold, forwarding.idleTimeoutMillis);
    }
    if (untold.end !== null) {
      this.#end(untold);
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

function bytesOf({ query, headers, body, calls }: Untold): number {
  const text = [query, ...calls].reduce((sum, each) => sum + each.length, 0);
  return text + lengthOf(headers) + body.length;
}

/** How the notice ends by the origin's answer; null: it is still to be told. What answers in an origin's place says nothing. */
async function tellOrigin(
  origin: Origin,
  notice: Notice,
  timeoutMillis: number,
): Promise<Untold["end"]> {
  const { query, headers, body } = notice;
  const signal = AbortSignal.timeout(timeoutMillis);
  try {
    const init = { method: "POST", headers, body, redirect: "manual", signal } as const;
    const response = await fetch(origin.url + origin.mcpPath + query, init);
    await response.body?.cancel();
    const { status } = response;
    const later = status >= 500 || status === 429 || response.headers.has("X-Not-Run");
    if (later || !response.headers.has(LEDGER)) {
      return null;
    }
    return status < 300 ? "known" : "refused";
  } catch {
    return null;
  }
}

/** The calls of tools that have no client's key, each as the ledger knows it again: its tool and a hash of its arguments. */
function unkeyedCalls(payload: Payload, key: string | null): ReadonlySet<string> {
  return new Set(
    payload.messages
      .filter((message) => isUnkeyedCall(message, key))
      .map(({ name, args }) => `${jsonHash(args)} ${name}`),
  );
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
