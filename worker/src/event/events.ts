import { newCallId } from "../call/uuid";
import type { Origin } from "../config/config";
import type { Monitor, Prober } from "../monitor/monitor";
import { LEDGER } from "../monitor/probe";
import type { PairEvent } from "./failovers";

const MOST = 200;
const PAUSE_MILLIS = 1_000;
/** An origin may wait for its database for so long. */
const TIMEOUT_MILLIS = 10_000;

/**
 * Events that no origin keeps yet, the oldest first. Any request of the isolate tells them, in the place of its probes. Where they
 * are too many the oldest gives way, and an event says how many have.
 */
export class Events {
  readonly #monitor: Monitor;
  readonly #untold = new Map<string, PairEvent>();
  #lost: PairEvent | null = null;
  readonly #tried = new Set<string>();
  /** A request tells until then at the latest: the runtime may drop it. */
  #tellingUntil = 0;
  #next = 0;

  constructor(monitor: Monitor) {
    this.#monitor = monitor;
  }

  /** Adds one, or what is new of it. */
  add(event: PairEvent): void {
    this.#untold.set(event.id, event);
    const [oldest] = this.#untold.values();
    if (this.#untold.size > MOST && oldest !== undefined) {
      this.#untold.delete(oldest.id);
      const count = Number(this.#lost?.data.count ?? 0) + 1;
      const { id, at } = this.#lost ?? { id: newCallId(), at: oldest.at };
      const message = `${count} events were not kept: no origin took them in time`;
      this.#lost = { id, kind: "lost", origin: null, message, at, ended: null, data: { count } };
    }
  }

  /** Tells what it can on behalf of a request, in the background. */
  tell(by: Prober): void {
    if (this.#first() !== null) {
      by.ctx.waitUntil(this.#tellAll(by));
    }
  }

  #first(): PairEvent | null {
    const [first] = this.#untold.values();
    return first ?? this.#lost;
  }

  async #tellAll(by: Prober): Promise<void> {
    for (let event = this.#first(); event !== null; event = this.#first()) {
      const now = Date.now();
      const origin = this.#monitor.chooseOwn(this.#tried);
      if (origin === undefined) {
        this.#tried.clear();
        this.#next = now + PAUSE_MILLIS;
      }
      if (now < this.#tellingUntil || now < this.#next || by.probesLeft <= 0 || !origin) {
        return;
      }
      by.probesLeft--;
      this.#tellingUntil = now + TIMEOUT_MILLIS + PAUSE_MILLIS;
      const told = await isTold(origin, event, by.gatewaySecret);
      this.#tellingUntil = 0;
      if (told) {
        this.#forget(event);
      } else {
        this.#tried.add(origin.name);
      }
    }
  }

  #forget(event: PairEvent): void {
    this.#tried.clear();
    if (this.#untold.get(event.id) === event) {
      this.#untold.delete(event.id);
    }
    if (this.#lost === event) {
      this.#lost = null;
    }
  }
}

/**
 * Returns true if the origin has recorded the event, or refuses it for good. An origin that knows another gateway secret will soon know
 * this one. An answer without X-Ledger comes from something in the origin's place, such as a platform, and says nothing.
 */
async function isTold(origin: Origin, event: PairEvent, gatewaySecret: string): Promise<boolean> {
  const { id, ...body } = event;
  const init = {
    method: "PUT",
    headers: { "Content-Type": "application/json", "X-Gateway-Secret": gatewaySecret },
    body: JSON.stringify(body),
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
  } as const;
  try {
    const response = await fetch(`${origin.url}/events/${id}`, init);
    await response.body?.cancel();
    const { status, ok } = response;
    const byOrigin = response.headers.has(LEDGER);
    const later = !byOrigin || status >= 500 || status === 429 || status === 403;
    if (!ok && !later) {
      console.warn(`${origin.name} does not take an event (${status}): ${event.message}`);
    }
    return !later;
  } catch {
    return false;
  }
}
