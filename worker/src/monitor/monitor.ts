import type { Found } from "../call/quarantine";
import type { Config, MonitorSettings, Origin } from "../config/config";
import type { OriginPool } from "./origin-pool";
import { probe } from "./probe";

/** A Worker has 50 requests of its own for each of a client's on the free plan; most are for its attempts. */
const PROBES_PER_REQUEST = 8;

/** A client's request, as far as it makes probes. */
export interface Prober {
  readonly ctx: ExecutionContext;
  readonly gatewaySecret: string;
  /** How many it may still make. */
  probesLeft: number;
}

export function prober(ctx: ExecutionContext, gatewaySecret: string): Prober {
  return { ctx, gatewaySecret, probesLeft: PROBES_PER_REQUEST };
}
/** A request does not wait longer for the next probe; another one will come by. */
const LONGEST_WAIT_MILLIS = 1_000;

/** What an origin has told is asked for anew when it is older: which process it is, and the database's clock. */
const TOLD_MILLIS = 60_000;
/** An origin tells its time in whole seconds. */
const UPTIME_STEP_MILLIS = 1_000;
/** A clock that is off by more is somebody's to set right. */
const MUCH_SKEW_MILLIS = 30_000;

/** The facts that are known of an origin beside its state. */
interface Watch {
  readonly origin: Origin;
  release: string | null;
  instance: string | null;
  /** Whether it keeps calls in a ledger; null: it is not known. */
  ledger: boolean | null;
  /** Whether it is only taken to keep none, since it has answered nothing but refusals. */
  ledgerAssumed: boolean;
  /** How often another process has taken its place. */
  generation: number;
  /** When its process began at the earliest. */
  began: number | null;
  /** By generation, when the newest probe began that it answered. */
  seen: number[];
  /** Whether it takes no connections, as far as was seen last. */
  refused: boolean;
  /** When it last answered anything. */
  answeredAt: number;
  /** When it was last probed. */
  probedAt: number;
  /** A request probes it until then at the latest: the runtime may drop one that does. */
  probedUntil: number;
}

/** Probes origins on behalf of requests, since an isolate has no time of its own. */
export class Monitor {
  readonly #config: Config;
  readonly #pool: OriginPool;
  readonly #watches: ReadonlyMap<string, Watch>;
  #skewMillis: number | null = null;

  constructor(config: Config, pool: OriginPool) {
    this.#config = config;
    this.#pool = pool;
    this.#watches = new Map(
      config.origins.map((origin) => [
        origin.name,
        {
          origin,
          release: null,
          instance: null,
          ledger: null,
          ledgerAssumed: false,
          generation: 0,
          began: null,
          seen: [],
          refused: false,
          answeredAt: 0,
          probedAt: Number.NEGATIVE_INFINITY,
          probedUntil: 0,
        },
      ]),
    );
  }

  /** Returns the release that the origin last named; null if it has named none. */
  release(origin: string): string | null {
    return this.#watch(origin).release;
  }

  /** Which of the origin's processes it is now, counted from 0. */
  generation(origin: string): number {
    return this.#watch(origin).generation;
  }

  /** How far this isolate's clock is ahead of the database's, as an origin last told; null: none has. */
  get skewMillis(): number | null {
    return this.#skewMillis;
  }

  /** An instant of this isolate's clock by the database's, by which an origin judges a deadline. */
  byDatabase(instant: number): number {
    return instant - (this.#skewMillis ?? 0);
  }

  /** @param told by an origin, or by what all isolates share */
  learnSkew(told: number): void {
    const much = Math.abs(told) > MUCH_SKEW_MILLIS;
    if (much && Math.abs(this.#skewMillis ?? 0) <= MUCH_SKEW_MILLIS) {
      console.warn(`The clock here is ${told} ms ahead of the database's; deadlines allow for it`);
    }
    this.#skewMillis = told;
  }

  /**
   * Notes that an answer to a call has begun. An answer without X-Ledger counts only for an origin that is known to keep no ledger: it may
   * come from something in the origin's place, such as a platform's page, which does not show that the origin lives.
   */
  answered(origin: string, ledger: boolean): void {
    const watch = this.#watch(origin);
    if (ledger || watch.ledger === false) {
      this.#answered(watch);
    }
    if (ledger) {
      watch.ledger = true;
      watch.ledgerAssumed = false;
    }
  }

  /** By name, whether each origin keeps calls in a ledger, as far as is known. */
  get ledgers(): Record<string, boolean> {
    const known: Record<string, boolean> = {};
    for (const [name, { ledger }] of this.#watches) {
      if (ledger !== null) {
        known[name] = ledger;
      }
    }
    return known;
  }

  /** Takes over what all isolates share, where nothing else is known. A refusal may have come before it. */
  learnLedgers(shared: Readonly<Record<string, boolean>>): void {
    for (const [name, watch] of this.#watches) {
      const ledger = shared[name];
      if (ledger !== undefined && (watch.ledger === null || watch.ledgerAssumed)) {
        watch.ledger = ledger;
        watch.ledgerAssumed = false;
      }
    }
  }

  /** Whether one keeps calls, and none is known not to; null: it is not known of any. */
  get keepCalls(): boolean | null {
    const known = Object.values(this.ledgers);
    return known.length === 0 ? null : !known.includes(false);
  }

  /** Returns true if the origin is known to keep calls in a ledger. */
  keepsCalls(origin: string): boolean {
    return this.#watch(origin).ledger === true;
  }

  /** The origins that are not known to keep calls. */
  get keepersNot(): string[] {
    return [...this.#watches].filter(([, { ledger }]) => !ledger).map(([name]) => name);
  }

  /** Whether an origin keeps calls; one of which that is not known is asked. */
  async findLedger(origin: string, by: Prober): Promise<boolean> {
    if (this.#watch(origin).ledger === null) {
      await this.find(origin, by);
    }
    return this.keepsCalls(origin);
  }

  #answered(watch: Watch): void {
    watch.answeredAt = Date.now();
    watch.refused = false;
  }

  answeredAt(origin: string): number {
    return this.#watch(origin).answeredAt;
  }

  /** What is there in the origin's place, as far as is known. */
  known(origin: string): Found {
    return this.#watch(origin);
  }

  /** What is there in the origin's place, as a probe finds it, or has lately where this request may make none. */
  async find(origin: string, by: Prober): Promise<Found> {
    const watch = this.#watch(origin);
    if (by.probesLeft > 0) {
      by.probesLeft--;
      const timeoutMillis = Math.min(this.#config.monitor.timeoutMillis, LONGEST_WAIT_MILLIS);
      const settings = { ...this.#config.monitor, timeoutMillis, retries: 0 };
      await this.#probe(watch, by.gatewaySecret, settings);
    }
    return watch;
  }

  /** Probes in the background what has told nothing for long. */
  probeWhatIsUnknown(by: Prober): void {
    for (const watch of this.#watches.values()) {
      const now = Date.now();
      const due = now - watch.probedAt >= TOLD_MILLIS && watch.probedUntil < now;
      if (due && by.probesLeft > 0) {
        by.probesLeft--;
        watch.probedAt = now;
        by.ctx.waitUntil(
          this.#probe(watch, by.gatewaySecret, { ...this.#config.monitor, retries: 0 }),
        );
      }
    }
  }

  /** Probes in the background what is not well, or not for long enough, and is not being probed. */
  probeWhatIsNotWell(by: Prober): void {
    for (const watch of this.#watches.values()) {
      if (by.probesLeft > 0 && this.#isDue(watch, Date.now())) {
        by.ctx.waitUntil(this.#probeWhileDue(watch, by));
      }
    }
  }

  async #probeWhileDue(watch: Watch, by: Prober): Promise<void> {
    while (by.probesLeft > 0 && this.#isDue(watch, Date.now())) {
      by.probesLeft--;
      const wait = Math.max(0, this.#pool.origin(watch.origin.name).nextProbe - Date.now());
      watch.probedUntil = Date.now() + wait + this.#config.monitor.timeoutMillis + 1_000;
      await scheduler.wait(wait);
      await this.#probe(watch, by.gatewaySecret, { ...this.#config.monitor, retries: 0 });
      watch.probedUntil = 0;
    }
  }

  #isDue(watch: Watch, now: number): boolean {
    const state = this.#pool.origin(watch.origin.name);
    const well = state.health === "healthy" && state.heldUntil === null;
    return !well && watch.probedUntil < now && state.nextProbe - now <= LONGEST_WAIT_MILLIS;
  }

  /** Probes once, and tells the pool. */
  async #probe(watch: Watch, gatewaySecret: string, settings: MonitorSettings): Promise<void> {
    const { name } = watch.origin;
    const begun = Date.now();
    watch.probedAt = begun;
    const result = await probe(watch.origin, settings, gatewaySecret, watch.ledger === true);
    const now = Date.now();
    watch.refused = result.refused;
    if (result.failure !== null) {
      this.#pool.observe({ kind: "probeDown", origin: name, reason: result.failure }, now);
      return;
    }
    if (result.skewMillis !== null) {
      this.learnSkew(result.skewMillis);
    }
    this.#answered(watch);
    if (result.uptimeMillis !== null) {
      watch.began = now - result.uptimeMillis - UPTIME_STEP_MILLIS;
    }
    if (result.ledger !== null) {
      watch.ledger = result.ledger;
      watch.ledgerAssumed = false;
    } else if (watch.ledger === null) {
      watch.ledger = false; // A server that has only refused probes so far may be none of MCPist's.
      watch.ledgerAssumed = true;
    }
    watch.release = result.release ?? watch.release;
    if (result.instance !== null) {
      if (watch.instance !== null && watch.instance !== result.instance) {
        watch.generation++;
        this.#pool.observe({ kind: "replaced", origin: name }, now);
      }
      watch.instance = result.instance;
    }
    watch.seen[watch.generation] = begun;
    this.#pool.observe({ kind: "probeUp", origin: name }, now);
  }

  /**
   * Where a request of the edge's own goes, beside those origins that it has tried. One that is not known to keep a ledger may be
   * none of MCPist's.
   */
  chooseOwn(tried: ReadonlySet<string>): Origin | undefined {
    const others = new Set([...tried, ...this.keepersNot]);
    const name =
      this.#pool.choose(others) ?? this.#pool.inOrder().find((each) => !others.has(each));
    return this.#config.origins.find((each) => each.name === name);
  }

  /**
   * Probes every origin until its state is sure: once where the probe says what was known, else as often as a change takes.
   *
   * @param between the milliseconds between two probes of one origin
   * @param mayProbe whether there may be one more, of two requests at most
   */
  async settle(
    gatewaySecret: string,
    settings: MonitorSettings,
    between: number,
    mayProbe: () => boolean = () => true,
  ): Promise<void> {
    const settled = [...this.#watches.values()].map((watch) =>
      this.#settle(watch, gatewaySecret, settings, between, mayProbe),
    );
    await Promise.all(settled);
  }

  async #settle(
    watch: Watch,
    gatewaySecret: string,
    settings: MonitorSettings,
    between: number,
    mayProbe: () => boolean,
  ): Promise<void> {
    const { name } = watch.origin;
    const wasWell = this.#pool.origin(name).health === "healthy";
    const { consecutiveDown, consecutiveUp } = this.#config.pool;
    for (let left = Math.max(consecutiveDown, consecutiveUp); left > 0 && mayProbe(); left--) {
      await this.#probe(watch, gatewaySecret, settings);
      const { health, downs } = this.#pool.origin(name);
      const well = downs === 0;
      if (well === wasWell || well === (health === "healthy")) {
        return;
      }
      await scheduler.wait(between);
    }
  }

  #watch(name: string): Watch {
    const watch = this.#watches.get(name);
    if (watch === undefined) {
      throw new Error(`No origin is named ${name}`);
    }
    return watch;
  }
}
