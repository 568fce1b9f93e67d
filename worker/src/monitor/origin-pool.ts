import type { Config } from "../config/config";
import type { Observation } from "../pool/observation";
import { apply, type Change } from "../pool/rules";
import {
  choose,
  inOrder,
  type OriginState,
  originOf,
  type PoolState,
  starting,
} from "../pool/state";

/** The pool's one state in an isolate, which all its requests read as a snapshot and change by observations. */
export class OriginPool {
  #state: PoolState;
  #answeredProbes = 0;
  #activeSince: number | null = null;
  #watcher: (before: PoolState, after: PoolState, now: number) => void = () => {};

  constructor(config: Config, now: number) {
    this.#state = starting(
      config.origins.map((o) => o.name),
      config.pool,
      now,
    );
    for (const origin of config.origins) {
      if (origin.drained) {
        this.observe({ kind: "drain", origin: origin.name }, now);
      }
    }
  }

  get state(): PoolState {
    return this.#state;
  }

  /** Since when the active origin is; null: none is, or this isolate has not seen it begin. */
  get activeSince(): number | null {
    return this.#state.active === null ? null : this.#activeSince;
  }

  /** How many probes have had a good answer: a call that waits has nothing better to try than who gave one. */
  get answeredProbes(): number {
    return this.#answeredProbes;
  }

  origin(name: string): OriginState {
    return originOf(this.#state, name);
  }

  /** From now on it is told of what observations change. */
  watch(watcher: (before: PoolState, after: PoolState, now: number) => void): void {
    this.#watcher = watcher;
  }

  /** Applies an observation, and logs what it changed. */
  observe(seen: Observation, now: number): void {
    const before = this.#state;
    this.#apply(seen, now, now);
    this.#watcher(before, this.#state, now);
  }

  #apply(seen: Observation, now: number, activeSince: number | null): void {
    const transition = apply(this.#state, seen, now);
    this.#state = transition.state;
    if (seen.kind === "probeUp") {
      this.#answeredProbes++;
    }
    for (const change of transition.changes) {
      if (change.kind === "active") {
        this.#activeSince = activeSince;
      }
      console.log(sentence(change));
    }
  }

  choose(tried: ReadonlySet<string>): string | null {
    return choose(this.#state, tried);
  }

  inOrder(): string[] {
    return inOrder(this.#state);
  }

  /**
   * Takes it for known that an origin is well or is not, as one that was probed as often as it takes. This isolate has not seen it:
   * the watcher is not told.
   */
  believe(name: string, failure: string | null, now: number): void {
    const { consecutiveUp, consecutiveDown } = this.#state.settings;
    const times = failure === null ? consecutiveUp : consecutiveDown;
    for (let i = 0; i < times; i++) {
      this.#apply(
        failure === null
          ? { kind: "probeUp", origin: name }
          : { kind: "probeDown", origin: name, reason: failure },
        now,
        null,
      );
    }
  }
}

function sentence(change: Change): string {
  switch (change.kind) {
    case "status":
      return `origin ${change.origin}: ${change.from} -> ${change.to}: ${change.why}`;
    case "active":
      return `calls go to ${change.to ?? "none in particular"}, before to ${change.from ?? "none in particular"}`;
    case "givenUp":
      return `origin ${change.origin}: calls in flight given up: ${change.why}`;
  }
}
