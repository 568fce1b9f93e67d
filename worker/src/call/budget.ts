import type { Room, Shortage } from "../wire/growing-bytes";

const SMALL_BYTES = 64 * 1024;
/** What is not for small bodies only. */
export const LARGE_SHARE = 3 / 4;

/** For which a stream that lasts may say nothing; meanwhile it holds nothing. */
const QUIET_MILLIS = 24 * 3_600_000;

/** Those calls of one name that have a part of the budget in common. */
export interface Share {
  readonly name: string;
  /** How many times as much it may hold as it leaves free to others of its kind. */
  readonly weight: number;
  /** What who finds it spent is told. */
  readonly shortage: Shortage;
}

interface Account {
  bytes: number;
  calls: number;
  leases: number;
}

interface Held {
  readonly shares: readonly Share[];
  bytes: number;
  isCall: boolean;
  until: number;
}

/**
 * Bounds what an isolate holds for all calls at once, and for those of each share. A quarter is for small bodies only, so that a
 * flood of large ones leaves room for the usual call. What is taken is given back by itself after a time in which every call is
 * over: the runtime may drop a request without another line of it being run.
 */
export class Budget {
  readonly #limit: number;
  readonly #leaseMillis: number;
  readonly #leases = new Set<Held>();
  readonly #accounts = new Map<string, Account>();
  #held = 0;

  constructor(limit: number, leaseMillis: number) {
    this.#limit = limit;
    this.#leaseMillis = leaseMillis;
  }

  /** @param millis after which it expires, unless it is renewed */
  lease(shares: readonly Share[], now: number, millis = this.#leaseMillis): Lease {
    const held = { shares, bytes: 0, isCall: true, until: now + millis };
    let kept = false;
    this.#leases.add(held);
    for (const { name } of shares) {
      const account = this.#accounts.get(name) ?? { bytes: 0, calls: 0, leases: 0 };
      account.calls++;
      account.leases++;
      this.#accounts.set(name, account);
    }
    return {
      take: (bytes, of) => {
        if (kept || !this.#leases.has(held)) {
          return "overloaded"; // It is over or has expired, and nobody would give it back.
        }
        let shortage = this.#shortage(held, bytes, of);
        if (shortage !== null) {
          this.#expire(now);
          shortage = this.#shortage(held, bytes, of);
        }
        if (shortage === null) {
          this.#add(held, bytes);
        }
        return shortage;
      },
      giveBack: (bytes) => {
        if (!kept && this.#leases.has(held)) {
          this.#add(held, -bytes);
        }
      },
      renew: (until) => {
        held.until = until + this.#leaseMillis;
      },
      listen: () => this.#listen(held),
      keep: (bytes, until) => {
        if (!kept && this.#leases.has(held)) {
          kept = true;
          const left = Math.min(bytes, held.bytes);
          this.#listen(held);
          this.#add(held, left - held.bytes);
          held.until = until + this.#leaseMillis;
        }
      },
      give: () => this.#end(held),
    };
  }

  /** How many calls that share is now of, those that only listen left out. */
  calls(name: string, now: number): number {
    this.#expire(now);
    return this.#accounts.get(name)?.calls ?? 0;
  }

  #shortage(held: Held, bytes: number, of: number): Shortage | null {
    let free = this.#limit * (of > SMALL_BYTES ? LARGE_SHARE : 1) - this.#held;
    if (bytes > free) {
      return "overloaded";
    }
    for (const { name, weight, shortage } of held.shares) {
      const mine = this.#accounts.get(name)?.bytes ?? 0;
      free = (weight * free - mine) / (weight + 1);
      if (bytes > free) {
        return shortage;
      }
    }
    return null;
  }

  #add(held: Held, bytes: number): void {
    this.#held += bytes;
    held.bytes += bytes;
    for (const account of this.#accountsOf(held)) {
      account.bytes += bytes;
    }
  }

  #listen(held: Held): void {
    if (held.isCall && this.#leases.has(held)) {
      held.isCall = false;
      this.#add(held, -held.bytes);
      for (const account of this.#accountsOf(held)) {
        account.calls--;
      }
    }
  }

  #expire(now: number): void {
    for (const lease of this.#leases) {
      const quiet = !lease.isCall && lease.bytes === 0;
      if (lease.until + (quiet ? QUIET_MILLIS : 0) < now) {
        this.#end(lease);
      }
    }
  }

  #end(held: Held): void {
    this.#listen(held);
    if (this.#leases.delete(held)) {
      this.#add(held, -held.bytes);
      for (const { name } of held.shares) {
        const account = this.#accounts.get(name);
        if (account !== undefined && --account.leases === 0) {
          this.#accounts.delete(name);
        }
      }
    }
  }

  #accountsOf({ shares }: Held): Account[] {
    return shares.map(({ name }) => this.#accounts.get(name)).filter((a) => a !== undefined);
  }
}

/** What one call holds. */
export interface Lease extends Room {
  /** It is known to be in use at this time. */
  renew(now: number): void;
  /** Gives back all of it, and goes on as a stream that lasts: that is no call at work. */
  listen(): void;
  /**
   * Gives back all but so many bytes, which something needs until about this time though the call is over. Nothing is taken or given
   * back from now on but by `give`.
   */
  keep(bytes: number, until: number): void;
  /** All of it. */
  give(): void;
}
