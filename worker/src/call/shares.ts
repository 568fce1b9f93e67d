import { type Caller, holdsKey, LOCAL } from "../gate/auth/caller";
import { clientNetwork } from "../gate/client-network";
import type { Shortage } from "../wire/growing-bytes";
import type { Share } from "./budget";

/** An isolate has 128 MB for all that it does; what one step of a call needs for itself comes on top of this. */
export const HELD_BYTES = 32 * 1024 * 1024;

// Whatever the share, a call with a body of the largest fits. One address may have many users. A key that no origin has confirmed
// may be made up: room for one such call is left to it, and for two to all of its kind.
const USER_BYTES = HELD_BYTES / 4;
const ADDRESS_BYTES = HELD_BYTES / 2;
/** Of the largest call beside its body: its headers, and what is read of a batch. */
const BESIDE_BODY_BYTES = 1024 * 1024;

const MAX_KEYS = 10_000;

/** The keys that an origin has confirmed to this isolate, by their users; the oldest are forgotten first. */
export class ConfirmedKeys {
  readonly #users = new Set<string>();

  has({ userId }: Caller): boolean {
    return this.#users.has(userId);
  }

  /** An origin has answered a call of this one's. */
  answered(caller: Caller, status: number): void {
    if (!holdsKey(caller)) {
      return;
    }
    if (status === 401) {
      this.#users.delete(caller.userId);
    } else if (status < 300 && !this.#users.has(caller.userId)) {
      const [oldest] = this.#users;
      if (this.#users.size >= MAX_KEYS && oldest !== undefined) {
        this.#users.delete(oldest);
      }
      this.#users.add(caller.userId);
    }
  }
}

/** What a user's calls are counted by. */
export function userName({ userId }: Caller): string {
  return `user ${userId}`;
}

/** Whose room a call takes up. Where nobody is asked who calls, no user has a share. */
export function sharesOf(
  caller: Caller,
  address: string | null,
  keys: ConfirmedKeys,
  maxBodyBytes: number,
): Share[] {
  const call = maxBodyBytes + BESIDE_BODY_BYTES;
  const share = (name: string, bytes: number, shortage: Shortage = "rateLimited"): Share => ({
    name,
    bytes: Math.max(bytes, call),
    shortage,
  });
  const shares = caller === LOCAL ? [] : [share(userName(caller), USER_BYTES)];
  const unknown = holdsKey(caller) && !keys.has(caller);
  if (address !== null) {
    const network = clientNetwork(address);
    shares.push(share(`address ${network}`, ADDRESS_BYTES));
    if (unknown) {
      shares.push(share(`unconfirmed ${network}`, call));
    }
  }
  if (unknown) {
    shares.push(share("unconfirmed", 2 * call, "overloaded"));
  }
  return shares;
}
