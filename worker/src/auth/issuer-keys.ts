import type { JSONWebKeySet } from "jose";
import type { Store } from "../health/store";
import { parseKeySet } from "./token-check";

/** A key that the issuer takes back is refused after this long. */
const REFRESH_MILLIS = 600_000;
/** Between two questions because of unknown keys: anybody can name one. */
const UNKNOWN_KEY_MILLIS = 60_000;
/** The same as long as no key is known, when no token can be verified. */
const NO_KEYS_MILLIS = 5_000;

/** Gets the issuer's key set as text. */
export type Fetch = () => Promise<string>;

/**
 * The issuer's keys as an isolate knows them. What is known stays known while the issuer does not answer; what the isolates share
 * is known to one that has just begun.
 */
export class IssuerKeys {
  readonly #fetch: Fetch;
  readonly #store: Pick<Store, "readKeys" | "writeKeys"> | null;
  readonly #now: () => number;
  #known: JSONWebKeySet | null = null;
  #text = "";
  #knownAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #recalled = false;

  constructor(
    fetch: Fetch,
    store: Pick<Store, "readKeys" | "writeKeys"> | null,
    now: () => number = Date.now,
  ) {
    this.#fetch = fetch;
    this.#store = store;
    this.#now = now;
  }

  get known(): JSONWebKeySet | null {
    return this.#known;
  }

  /** A token came: sees to it that what is known is not old. */
  refresh(): Promise<void> | null {
    const old = this.#known !== null && this.#now() - this.#knownAt >= REFRESH_MILLIS;
    return old ? this.#ask(UNKNOWN_KEY_MILLIS) : null;
  }

  /** Looks for a key that is not known, unless that was done shortly before. */
  async lookAgain(keyId: string | null): Promise<void> {
    if (!this.#recalled) {
      this.#recalled = true;
      await this.#recall();
      if (this.#known !== null && (keyId === null || this.has(keyId))) {
        return;
      }
    }
    await this.#ask(this.#known === null ? NO_KEYS_MILLIS : UNKNOWN_KEY_MILLIS);
  }

  has(keyId: string): boolean {
    return this.#known?.keys.some((key) => key.kid === keyId) ?? false;
  }

  async #recall(): Promise<void> {
    const text = await this.#store?.readKeys().catch(() => null);
    const keys = typeof text === "string" ? parseKeySet(text) : null;
    if (keys !== null && this.#known === null) {
      this.#known = keys;
      this.#text = text ?? "";
      // Nobody knows how old they are: the next token that comes has them asked for.
      this.#knownAt = Number.NEGATIVE_INFINITY;
    }
  }

  #ask(apart: number): Promise<void> {
    if (this.#asking === null && this.#now() - this.#askedAt < apart) {
      return Promise.resolve();
    }
    this.#asking ??= this.#learn().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #learn(): Promise<void> {
    this.#askedAt = this.#now();
    const text = await this.#fetch().catch((error: unknown) => {
      console.warn("The issuer's keys could not be had:", String(error));
      return null;
    });
    const keys = text === null ? null : parseKeySet(text);
    if (keys === null || text === null) {
      return;
    }
    this.#known = keys;
    this.#knownAt = this.#now();
    if (text !== this.#text) {
      this.#text = text;
      await this.#store?.writeKeys(text).catch((error: unknown) => {
        console.warn("KV does not take the issuer's keys:", String(error));
      });
    }
  }
}
