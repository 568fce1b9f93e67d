import type { Caller } from "./auth/caller";

/** The time after the last acceptance by an origin for which a key counts as accepted. */
export const ACCEPTED_MILLIS = 600_000;
/** The time after the last refusal by an origin for which a key counts as refused. */
export const REFUSED_MILLIS = 60_000;
/** The largest number of accepted keys, and of refused ones, that are kept. */
const MOST = 10_000;

/**
 * The API keys that an origin has accepted or refused lately, as this isolate knows. Only an origin can tell whether a key exists.
 * Only the digests of keys are kept. The refused keys have room of their own, so that keys that somebody makes up displace no
 * accepted one.
 */
export class KnownKeys {
  readonly #now: () => number;
  readonly #accepted = new Map<string, number>();
  readonly #refused = new Map<string, number>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Returns true if the caller has a key that an origin has accepted. */
  accepts({ key }: Caller): boolean {
    return key !== null && this.#now() < (this.#accepted.get(key) ?? 0);
  }

  /** Returns true if the caller has a key that an origin has refused. */
  refuses({ key }: Caller): boolean {
    return key !== null && this.#now() < (this.#refused.get(key) ?? 0);
  }

  /**
   * Notes that an origin has answered a call. A status of 2xx accepts the caller's key, 401 and 403 refuse it, and another status says
   * nothing about it.
   */
  answered({ key }: Caller, status: number): void {
    if (key === null) {
      return;
    }
    if (status >= 200 && status < 300) {
      this.#refused.delete(key);
      this.#keep(this.#accepted, key, ACCEPTED_MILLIS);
    } else if (status === 401 || status === 403) {
      this.#accepted.delete(key);
      this.#keep(this.#refused, key, REFUSED_MILLIS);
    }
  }

  /** Each map has the entry that was written longest ago first. */
  #keep(keys: Map<string, number>, key: string, millis: number): void {
    const now = this.#now();
    keys.delete(key);
    keys.set(key, now + millis);
    for (const [oldest, until] of keys) {
      if (until > now && keys.size <= MOST) {
        return;
      }
      keys.delete(oldest);
    }
  }
}
