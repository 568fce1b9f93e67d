import { type Caller, holdsKey, LOCAL } from "../gate/auth/caller";
import { clientNetwork } from "../gate/client-network";
import type { KnownKeys } from "../gate/known-keys";
import type { Shortage } from "../wire/growing-bytes";
import { LARGE_SHARE, type Share } from "./budget";

/** An isolate has 128 MB for all that it does; what one step of a call needs for itself comes on top of this. */
export const HELD_BYTES = 32 * 1024 * 1024;
const LARGE_BYTES = HELD_BYTES * LARGE_SHARE;

// How many times what it leaves free a share may hold: so whatever some hold, there is room for another. One address may have many
// users; a key that no origin has accepted may be made up.
const USER_WEIGHT = 0.5;
const ADDRESS_WEIGHT = 3;
const UNCONFIRMED_WEIGHT = 1;
/** Of the largest call beside its body: its headers, and what is read of a batch. */
const BESIDE_BODY_BYTES = 1024 * 1024;

/** What a user's calls are counted by. */
export function userName({ userId }: Caller): string {
  return `user ${userId}`;
}

/** Whose room a call takes up, the common one first. Where nobody is asked who calls, no user has a share. */
export function sharesOf(
  caller: Caller,
  address: string | null,
  keys: KnownKeys,
  maxBodyBytes: number,
): Share[] {
  const call = maxBodyBytes + BESIDE_BODY_BYTES;
  const shares: Share[] = [];
  let most = LARGE_BYTES;
  const add = (name: string, usual: number, shortage: Shortage = "rateLimited") => {
    // Where nothing else is held, a call with a body of the largest fits.
    const weight = Math.max(usual, call / Math.max(1, most - call));
    most *= weight / (weight + 1);
    shares.push({ name, weight, shortage });
  };
  const unknown = holdsKey(caller) && !keys.accepts(caller);
  if (unknown) {
    add("unconfirmed", UNCONFIRMED_WEIGHT, "overloaded");
  }
  if (address !== null) {
    add(`${unknown ? "unconfirmed" : "address"} ${clientNetwork(address)}`, ADDRESS_WEIGHT);
  }
  if (caller !== LOCAL) {
    add(userName(caller), USER_WEIGHT);
  }
  return shares;
}
