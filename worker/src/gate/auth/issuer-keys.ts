import type { JSONWebKeySet } from "jose";
import type { KeyStore } from "../../monitor/store";
import { parseKeySet } from "./key-set";

/** What is known for longer is asked for anew, beside the call that found it so. */
const REFRESH_MILLIS = 600_000;
/** What is known for longer than this is asked for before a call goes by it, unless a question has failed as lately. */
const STALE_MILLIS = 1_200_000;
/** Between two questions because of unknown keys: anybody can name one. */
const UNKNOWN_KEY_MILLIS = 60_000;
/** The same as long as no key is known, when no token can be verified. */
const NO_KEYS_MILLIS = 5_000;
/** For which a question of another request is waited for; that one may have been broken off, and its question with it. */
const OTHERS_MILLIS = 3_500;
const LOOK_MILLIS = 20;

/** Gets the issuer's key set as text. */
export type Fetch = () => Promise<string>;

/**
 * The issuer's keys as an isolate knows them. What is known stays known while the issuer does not answer, and an isolate that
 * begins then goes by what the isolates share. No request waits for a promise of another's, which the runtime may drop with it.
 */
export class IssuerKeys {
  readonly #fetch: Fetch;
  readonly #store: KeyStore | null;
  readonly #now: () => number;
  #known: JSONWebKeySet | null = null;
  #knownAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(fetch: Fetch, store: KeyStore | null, now: () => number = Date.now) {
    this.#fetch = fetch;
    this.#store = store;
    this.#now = now;
  }

  /** Null: none has ever been had; an issuer that has taken all of its keys back has an empty set. */
  get known(): JSONWebKeySet | null {
    return this.#known;
  }

  /** Whether a token that names this key must wait for `lookAgain`. */
  mustLook(keyId: string | null): boolean {
    return this.#known === null || this.#isStale() || (keyId !== null && !this.has(keyId));
  }

  /** While an issuer is away, whoever waits for it waits in vain. */
  #isStale(): boolean {
    const now = this.#now();
    return now - this.#knownAt >= STALE_MILLIS && now - this.#failedAt >= STALE_MILLIS;
  }

  /** A token came: asks anew, beside it, where what is known is old; null: it is not. */
  refresh(): Promise<void> | null {
    const old = this.#known !== null && this.#now() - this.#knownAt >= REFRESH_MILLIS;
    return old && this.#mayAsk() ? this.#ask() : null;
  }

  /** Looks for a key that is not known, unless that was done shortly before. */
  async lookAgain(): Promise<void> {
    if (this.#mayAsk()) {
      await this.#ask();
      return;
    }
    while (this.#answeredAt < this.#askedAt && this.#now() - this.#askedAt < OTHERS_MILLIS) {
      await scheduler.wait(LOOK_MILLIS);
    }
  }

  has(keyId: string): boolean {
    return this.#known?.keys.some((key) => key.kid === keyId) ?? false;
  }

  #mayAsk(): boolean {
    const apart = this.#known === null ? NO_KEYS_MILLIS : UNKNOWN_KEY_MILLIS;
    return this.#now() - this.#askedAt >= apart;
  }

  async #ask(): Promise<void> {
    this.#askedAt = this.#now();
    const text = await this.#learn().finally(() => {
      this.#answeredAt = this.#now();
    });
    if (text !== null) {
      await this.#share(text);
    }
  }

  /** The text of what is known from now on; null: the issuer has told nothing. */
  async #learn(): Promise<string | null> {
    const text = await this.#fetch().catch((error: unknown) => {
      console.warn("The issuer's keys could not be had:", String(error));
      return null;
    });
    const keys = text === null ? null : parseKeySet(text);
    if (keys !== null) {
      this.#known = keys;
      this.#knownAt = this.#now();
      return text;
    }
    this.#failedAt = this.#now();
    if (this.#known === null) {
      await this.#recall();
    }
    return null;
  }

  /** What an isolate before this one had of the same issuer. */
  async #recall(): Promise<void> {
    const text = await this.#store?.readKeys().catch(() => null);
    this.#known = typeof text === "string" ? parseKeySet(text) : null;
  }

  async #share(text: string): Promise<void> {
    try {
      if (this.#store !== null && (await this.#store.readKeys()) !== text) {
        await this.#store.writeKeys(text);
      }
    } catch (error) {
      console.warn("KV does not take the issuer's keys:", String(error));
    }
  }
}
