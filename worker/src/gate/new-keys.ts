const MINUTE_MILLIS = 60_000;
/** The largest number of addresses that are kept. Beyond it, the least active addresses start afresh. */
const MOST = 10_000;

/**
 * The number of new keys that an address may show in the time in which it may send one request. With the default limit that is 133
 * keys a second: more than one stranger sends beside the users of the address, and less than the 200 unknown keys a second that an
 * origin looks up, so that no address takes them all.
 */
const NEW_KEYS = 8;

interface Share {
  readonly left: number;
  readonly at: number;
}

/**
 * Counts, for each address, the keys of which this isolate does not know whether they exist. Cloudflare's rate limits cannot give
 * back what they have counted, so an isolate counts these keys by itself.
 */
export class NewKeys {
  /** The number of keys of one address in a minute. */
  readonly perMinute: number;
  readonly #burst: number;
  readonly #now: () => number;
  /** The shares that are not full, the least active one first. */
  readonly #shares = new Map<string, Share>();

  /** @param addressPerMinute the number of requests of one address in a minute; 0 for any number */
  constructor(addressPerMinute: number, now: () => number = Date.now) {
    this.perMinute = addressPerMinute * NEW_KEYS;
    this.#burst = addressPerMinute;
    this.#now = now;
  }

  /** Counts a key for an address. Returns the seconds to wait if there are too many; null: the key may be asked for. */
  take(address: string): number | null {
    if (this.#burst === 0) {
      return null;
    }
    const left = this.#left(address);
    if (left < 1) {
      return Math.max(1, Math.ceil(((1 - left) * MINUTE_MILLIS) / this.perMinute / 1000));
    }
    this.#put(address, left - 1);
    return null;
  }

  /** Gives back what `take` took, because an origin has accepted the key. */
  giveBack(address: string): void {
    if (this.#shares.has(address)) {
      this.#put(address, this.#left(address) + 1);
    }
  }

  #left(address: string): number {
    const share = this.#shares.get(address);
    const more =
      share === undefined ? 0 : ((this.#now() - share.at) * this.perMinute) / MINUTE_MILLIS;
    return Math.min(this.#burst, (share?.left ?? this.#burst) + more);
  }

  #put(address: string, left: number): void {
    const now = this.#now();
    this.#shares.delete(address);
    this.#shares.set(address, { left, at: now });
    for (const [oldest, { at }] of this.#shares) {
      if (now - at < MINUTE_MILLIS && this.#shares.size <= MOST) {
        return;
      }
      this.#shares.delete(oldest);
    }
  }
}
