const SMALL_BYTES = 64 * 1024;
const SMALL_SHARE = 4;

/**
 * Bounds the bytes of all bodies that an isolate holds at once. A quarter is for small bodies only, so that a flood of large ones
 * leaves room for the usual call. What is taken is given back by itself after a time in which every call is over: the runtime may
 * drop a request without another line of it being run.
 */
export class BodyBudget {
  readonly #limit: number;
  readonly #leaseMillis: number;
  readonly #leases = new Set<{ bytes: number; readonly until: number }>();
  #held = 0;

  constructor(limit: number, leaseMillis: number) {
    this.#limit = limit;
    this.#leaseMillis = leaseMillis;
  }

  lease(now: number): Lease {
    const lease = { bytes: 0, until: now + this.#leaseMillis };
    this.#leases.add(lease);
    return {
      take: (bytes, of) => {
        if (!this.#leases.has(lease)) {
          return false; // It has expired, and nobody would give it back.
        }
        const most = of > SMALL_BYTES ? this.#limit - this.#limit / SMALL_SHARE : this.#limit;
        if (this.#held + bytes > most) {
          this.#expire(now);
        }
        if (this.#held + bytes > most) {
          return false;
        }
        this.#held += bytes;
        lease.bytes += bytes;
        return true;
      },
      giveBack: (bytes) => {
        if (this.#leases.has(lease)) {
          lease.bytes -= bytes;
          this.#held -= bytes;
        }
      },
      give: () => this.#end(lease),
    };
  }

  #expire(now: number): void {
    for (const lease of this.#leases) {
      if (lease.until < now) {
        this.#end(lease);
      }
    }
  }

  #end(lease: { bytes: number; readonly until: number }): void {
    if (this.#leases.delete(lease)) {
      this.#held -= lease.bytes;
      lease.bytes = 0;
    }
  }
}

/** What one call holds. */
export interface Lease {
  /**
   * False, and nothing taken, when that is more than is left.
   *
   * @param of how long the body is that they are a part of, as far as is known
   */
  take(bytes: number, of: number): boolean;
  /** So many of what was taken. */
  giveBack(bytes: number): void;
  /** All of it. */
  give(): void;
}
