/** A Worker has 50 requests of its own for each of a client's on the free plan; 8 are for probes, 6 for lists of tools. */
export const MAX_ATTEMPTS = 36;

const FIRST_PAUSE_MILLIS = 20;
const PATIENCE = 2;
/** Longer than an origin keeps a call only to find out that it cannot do it. */
const LONG_WORK_MILLIS = 10_000;
/** As many of the longest pauses as fit in a search leave attempts over. */
const PAUSES = 15;
const LONGEST_PAUSE_MILLIS = 250;

/** What a call does next. */
export type Step =
  | { readonly kind: "attempt"; readonly origin: string }
  /** Wait for at least one and at most the other, in milliseconds; less than the most only when an origin becomes healthy. */
  | { readonly kind: "pause"; readonly atLeast: number; readonly atMost: number }
  | { readonly kind: "giveUp" };

/**
 * Where one call goes next. It tries every origin once, the healthy ones first, then pauses and begins a new round, until it has
 * looked for an origin for as long as it may. Instants come in as milliseconds.
 */
export class Search {
  /** The origins tried in this round. */
  readonly tried = new Set<string>();
  readonly #waitMillis: number;
  #since: number;
  #pause = FIRST_PAUSE_MILLIS;
  #attempts = 0;
  #spent = 0;

  constructor(waitMillis: number, now: number) {
    this.#waitMillis = waitMillis;
    this.#since = now;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** How many attempts may still be made. */
  get left(): number {
    return MAX_ATTEMPTS - this.#attempts - this.#spent;
  }

  /** So many of the requests that attempts may make were made for something else. */
  spend(requests: number): void {
    this.#spent += requests;
  }

  /**
   * @param healthy the first healthy origin that this round has not tried
   * @param all the enabled origins in order
   */
  next(healthy: string | null, all: readonly string[], now: number): Step {
    if (this.left <= 0) {
      return { kind: "giveUp" };
    }
    const origin = healthy ?? all.find((name) => !this.tried.has(name));
    if (origin !== undefined) {
      this.tried.add(origin);
      this.#attempts++;
      return { kind: "attempt", origin };
    }
    return now - this.#since >= this.#waitMillis ? { kind: "giveUp" } : this.#nextPause(now);
  }

  #nextPause(now: number): Step {
    this.tried.clear();
    const left = this.#waitMillis - (now - this.#since);
    const atLeast = Math.min(this.#pause, left);
    const longest = Math.max(LONGEST_PAUSE_MILLIS, this.#waitMillis / PAUSES);
    this.#pause = Math.min(this.#pause * 2, longest);
    return { kind: "pause", atLeast, atMost: Math.min(atLeast * PATIENCE, left) };
  }

  /** The origin just tried says nothing about its health by this failure: it may be tried anew. */
  forget(origin: string): void {
    this.tried.delete(origin);
  }

  /**
   * The last attempt was at work when it failed: looking begins anew, if it was the first or had worked for as long as a search
   * lasts. A call that every origin takes up and soon drops must end like one that none takes up.
   */
  cutShort(workedMillis: number, now: number): void {
    if (this.#attempts <= 1 || workedMillis >= Math.max(this.#waitMillis, LONG_WORK_MILLIS)) {
      this.restart(now);
    }
  }

  /** The time for which an origin may be looked for begins now. */
  restart(now: number): void {
    this.#since = now;
    this.#pause = FIRST_PAUSE_MILLIS;
  }
}
