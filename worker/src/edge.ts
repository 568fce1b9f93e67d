import { Budget, type Lease } from "./call/budget";
import { INTAKE_MILLIS } from "./call/intake";
import { Quarantine } from "./call/quarantine";
import { HELD_BYTES, sharesOf, userName } from "./call/shares";
import { ToolCatalog } from "./call/tool-catalog";
import { Undelivered } from "./call/undelivered";
import { newCallId } from "./call/uuid";
import { type Config, readConfig } from "./config/config";
import type { Env } from "./config/secrets";
import { Events } from "./event/events";
import { Failovers } from "./event/failovers";
import { type Caller, LOCAL } from "./gate/auth/caller";
import { Gate } from "./gate/gate";
import { isDown } from "./monitor/cron";
import { Monitor, type Prober } from "./monitor/monitor";
import { OriginPool } from "./monitor/origin-pool";
import { type SharedState, Store } from "./monitor/store";
import { Traffic } from "./status/traffic";

/** After an attempt's deadline nobody waits for it, and the next ones have failed. */
const LEASE_SLACK_MILLIS = 60_000;
/** What is known for longer than this is asked for anew before a call is sent by it: a drain must be known everywhere by then. */
const STALE_MILLIS = 90_000;
/** Between two looks at what the isolates share; KV may keep what it has for 30 s more. */
const LOOK_MILLIS = 60_000;
/** What KV has may be older than what an operator has just told this isolate. */
const OWN_CHANGE_MILLIS = 90_000;
/** A first request waits no longer for it. */
const FIRST_LOOK_MILLIS = 500;
const BETWEEN_PROBES_MILLIS = 100;
/** Who asks waits for 5 s, in which as many probes must fit as make an origin unhealthy. */
const PROBE_MILLIS = 1_500;

/** All that an isolate keeps from one request to the next. */
export class Edge {
  readonly config: Config;
  readonly pool: OriginPool;
  readonly monitor: Monitor;
  readonly store: Store | null;
  readonly gate: Gate;
  readonly budget: Budget;
  readonly quarantine = new Quarantine();
  readonly catalog: ToolCatalog;
  readonly undelivered: Undelivered;
  readonly events: Events;
  readonly failovers: Failovers;
  readonly traffic = new Traffic();
  readonly #lookedFor = new Map<string, number>();
  readonly #changedAt = new Map<string, number>();
  readonly #goodAt = new Map<string, number>();
  /** When this isolate last asked, and when it last got an answer. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #knownAt = Number.NEGATIVE_INFINITY;

  /** @throws ConfigError */
  constructor(env: Env) {
    this.config = readConfig(env.EDGE_CONFIG);
    this.pool = new OriginPool(this.config, Date.now());
    this.monitor = new Monitor(this.config, this.pool);
    const names = this.config.origins.map((o) => o.name);
    this.store = env.STATE === undefined ? null : new Store(env.STATE, names);
    this.gate = new Gate(this.config, env, this.store);
    const attempt = this.config.forwarding.attemptMillis;
    this.budget = new Budget(HELD_BYTES, attempt + LEASE_SLACK_MILLIS);
    this.catalog = new ToolCatalog(this.config, this.pool, this.monitor);
    this.undelivered = new Undelivered(this.config, this.pool, this.monitor);
    this.events = new Events(this.monitor);
    this.failovers = new Failovers(
      (event) => this.events.add(event),
      (instant) => this.monitor.byDatabase(instant),
    );
    this.pool.watch((before, after, now) => this.failovers.changed(before, after, now));
    // Until something else is known: the first call finds out as quickly as a probe would.
    for (const name of names) {
      this.pool.believe(name, null, Date.now());
    }
  }

  /**
   * Looks at what the isolates share, if that was long ago. Only a request of an isolate that knows nothing, or nothing new, waits
   * for it, and not for long. One that comes meanwhile looks for itself: a request cannot rely on what another one waits for.
   */
  async look(ctx: ExecutionContext): Promise<void> {
    const now = Date.now();
    const due = now - this.#lookedAt >= LOOK_MILLIS;
    const stale = now - this.#knownAt > STALE_MILLIS;
    const meanwhile = stale && now - this.#lookedAt < FIRST_LOOK_MILLIS;
    if (this.store === null || !(due || meanwhile)) {
      return;
    }
    if (due) {
      this.#lookedAt = now;
    }
    const looked = this.lookNow().catch(kvIsAway);
    ctx.waitUntil(looked);
    if (stale) {
      await Promise.race([looked, scheduler.wait(FIRST_LOOK_MILLIS)]);
    }
  }

  async lookNow(): Promise<void> {
    if (this.store !== null) {
      const shared = await this.store.read();
      this.#knownAt = Date.now();
      this.#adopt(shared, this.#knownAt);
    }
  }

  /**
   * Finds out what is so now: this isolate may have had no call for a long time.
   *
   * @param mayProbe whether there may be one more probe, of two requests at most
   */
  async lookAround(gatewaySecret: string, mayProbe?: () => boolean): Promise<void> {
    await this.lookNow().catch(kvIsAway);
    const { monitor } = this.config;
    const timeoutMillis = Math.min(monitor.timeoutMillis, PROBE_MILLIS);
    const settings = { ...monitor, timeoutMillis, retries: 0 };
    await this.monitor.settle(gatewaySecret, settings, BETWEEN_PROBES_MILLIS, mayProbe);
  }

  /** Tells origins what has happened, on behalf of a request. */
  tell(by: Prober): void {
    this.failovers.tellAgain(Date.now());
    this.events.tell(by);
  }

  #adopt(shared: SharedState, now: number): void {
    if (shared.skewMillis !== null && this.monitor.skewMillis === null) {
      this.monitor.learnSkew(shared.skewMillis);
    }
    this.monitor.learnLedgers(shared.ledgers);
    for (const { name, drained } of this.config.origins) {
      const wanted = shared.drained[name] ?? drained;
      const own = now - (this.#changedAt.get(name) ?? 0) < OWN_CHANGE_MILLIS;
      if (!own && this.pool.origin(name).drained !== wanted) {
        this.pool.observe({ kind: wanted ? "drain" : "undrain", origin: name }, now);
      }
      const found = shared.health[name];
      if (found !== undefined && found.at > (this.#lookedFor.get(name) ?? 0)) {
        this.#lookedFor.set(name, found.at);
        const seenWell = (this.#goodAt.get(name) ?? 0) > found.at;
        if (isDown(found, now) && !seenWell && this.pool.origin(name).health === "healthy") {
          this.pool.believe(name, found.cause, now);
        }
      }
    }
  }

  /** Whether this user may not make a call beside those in flight; where nobody is asked who calls, that is all of them. */
  holdsBack(caller: Caller): boolean {
    const now = Date.now();
    const held = caller !== LOCAL && this.quarantine.holds(caller.userId, now);
    return held && this.budget.calls(userName(caller), now) > 0;
  }

  /** What a call may hold while its body comes: the runtime may drop one whose client leaves then. To be renewed after that. */
  lease(request: Request, caller: Caller): Lease {
    const address = request.headers.get("CF-Connecting-IP");
    const { maxBodyBytes } = this.config.forwarding;
    const shares = sharesOf(caller, address, this.gate.keys, maxBodyBytes);
    return this.budget.lease(shares, Date.now(), INTAKE_MILLIS);
  }

  /** A call's attempt got a whole answer. */
  succeeded(origin: string): void {
    this.#goodAt.set(origin, Date.now());
    if (this.pool.origin(origin).health !== "healthy") {
      this.pool.observe({ kind: "attemptSucceeded", origin }, Date.now());
    }
  }

  /** An operator takes an origin out or back in. */
  async drain(origin: string, drained: boolean): Promise<void> {
    await this.store?.writeDrained(origin, drained);
    this.#changedAt.set(origin, Date.now());
    if (this.pool.origin(origin).drained !== drained) {
      const kind = drained ? "drain" : "undrain";
      const at = new Date(this.monitor.byDatabase(Date.now())).toISOString();
      const message = `${origin} is ${kind}ed`;
      this.events.add({ id: newCallId(), kind, origin, message, at, ended: null, data: {} });
    }
    this.pool.observe({ kind: drained ? "drain" : "undrain", origin }, Date.now());
  }
}

export function kvIsAway(error: unknown): void {
  console.warn("KV does not answer; this isolate goes on by what it knows:", String(error));
}

let current: { readonly text: string | undefined; readonly edge: Edge } | null = null;

/**
 * The isolate's edge: one, as long as its configuration stays.
 *
 * @throws ConfigError
 */
export function edgeOf(env: Env): Edge {
  if (current === null || current.text !== env.EDGE_CONFIG) {
    current = { text: env.EDGE_CONFIG, edge: new Edge(env) };
  }
  return current.edge;
}
