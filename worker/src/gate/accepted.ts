import type { Caller } from "./auth/caller";

/** After the last answer of an origin's by which a credential counts as accepted. */
export const KEPT_MILLIS = 600_000;
/** Of one user the newest are kept: a user with a new token for each call takes no more of the room for all. */
export const MOST_OF_A_USER = 16;
const MOST = 10_000;

interface Accepted {
  readonly userId: string;
  readonly until: number;
}

/**
 * The keys and tokens with which an origin has answered a call of this isolate's. Only their digests are kept. An entry ends 10
 * minutes after the last such answer, and when a call with the credential is refused.
 */
export class AcceptedCredentials {
  readonly #now: () => number;
  /** By their digests, the one that was accepted longest ago first. */
  readonly #accepted = new Map<string, Accepted>();
  readonly #byUser = new Map<string, Set<string>>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Whether an origin has accepted the credential with this digest; null: there is none. */
  has(credential: string | null): boolean {
    const found = credential === null ? undefined : this.#accepted.get(credential);
    return found !== undefined && this.#now() < found.until;
  }

  /**
   * An origin has answered a call. A status of 2xx accepts the caller's credential, 401 and 403 refuse it, and another status says
   * nothing about it.
   */
  answered({ userId, credential }: Caller, status: number): void {
    if (credential === null) {
      return;
    }
    if (status >= 200 && status < 300) {
      this.#accept(userId, credential);
    } else if (status === 401 || status === 403) {
      this.refused(credential);
    }
  }

  #accept(userId: string, credential: string): void {
    this.refused(credential);
    const now = this.#now();
    this.#accepted.set(credential, { userId, until: now + KEPT_MILLIS });
    const newest = this.#byUser.get(userId) ?? new Set();
    this.#byUser.set(userId, newest.add(credential));
    const [oldestOfUser] = newest;
    if (newest.size > MOST_OF_A_USER && oldestOfUser !== undefined) {
      this.refused(oldestOfUser);
    }
    for (const [oldest, { until }] of this.#accepted) {
      if (until > now && this.#accepted.size <= MOST) {
        return;
      }
      this.refused(oldest);
    }
  }

  /** The credential with this digest is not valid, or not any more. */
  refused(credential: string): void {
    const found = this.#accepted.get(credential);
    if (found === undefined) {
      return;
    }
    this.#accepted.delete(credential);
    const others = this.#byUser.get(found.userId);
    others?.delete(credential);
    if (others?.size === 0) {
      this.#byUser.delete(found.userId);
    }
  }
}
