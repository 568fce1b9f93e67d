import type { Config } from "../config/config";
import { ConfigError } from "../config/schema";
import type { Env } from "../config/secrets";
import type { Store } from "../monitor/store";
import { Authenticator } from "./auth/authenticator";
import { type Caller, holdsKey, LOCAL } from "./auth/caller";
import { challenge, metadata } from "./auth/challenge";
import { admitted, type Reason, refused, type Verdict } from "./auth/verdict";
import { clientNetwork } from "./client-network";
import { KnownKeys } from "./known-keys";
import { NewKeys } from "./new-keys";
import type { Rejection } from "./rejection";

const ADDRESS_WINDOW_SECONDS = 60;
/** Cloudflare counts by 10 or 60 seconds: in ten of them a user may have, at each of its locations, what is theirs for ten. */
const USER_WINDOW_SECONDS = 10;
const WITHOUT_KEYS_SECONDS = "5";

/** A rejection, and what its answer's header says of it. */
export interface Refusal {
  readonly rejection: Rejection;
  readonly headers: Readonly<Record<string, string>>;
}

/** What becomes of a call at the gate. */
export type Entry =
  | { readonly kind: "open"; readonly caller: Caller }
  | { readonly kind: "closed"; readonly refusal: Refusal };

/** Who gets in, and how often. */
export class Gate {
  readonly keys = new KnownKeys();
  readonly #newKeys: NewKeys;
  /** The calls for which a new key was counted. */
  readonly #countedAsNew = new WeakSet<Request>();
  readonly #config: Config;
  readonly #authenticator: Authenticator | null;
  readonly #byAddress: RateLimit | null;
  readonly #byUser: RateLimit | null;

  /** @throws ConfigError where limits are asked for and nothing counts */
  constructor(config: Config, env: Env, store: Store | null) {
    const { auth, limits } = config;
    this.#config = config;
    this.#authenticator = auth === null ? null : new Authenticator(auth, store);
    this.#byAddress = limits.address ? bound("ADDRESS_LIMIT", env.ADDRESS_LIMIT) : null;
    this.#newKeys = new NewKeys(limits.addressPerMinute);
    this.#byUser = limits.user ? bound("USER_LIMIT", env.USER_LIMIT) : null;
  }

  /** Counts a request of any kind for its address. */
  async address(request: Request): Promise<Refusal | null> {
    const { addressPerMinute } = this.#config.limits;
    return (await allows(this.#byAddress, addressOf(request)))
      ? null
      : limited("address", addressPerMinute, ADDRESS_WINDOW_SECONDS);
  }

  /**
   * Returns who makes a call, and whether the call is let in. The caller is checked first, and the call is counted then: for its
   * address only if the edge cannot tell by itself who calls.
   */
  async enter(request: Request, ctx: ExecutionContext): Promise<Entry> {
    const verdict = await this.#check(request, ctx);
    if (verdict.kind === "refused") {
      const refusal = (await this.address(request)) ?? this.#refusal(verdict.reason);
      return { kind: "closed", refusal };
    }
    const { caller } = verdict;
    const refusal = (await this.#crowded(caller, request)) ?? (await this.#ofUser(caller));
    return refusal === null ? { kind: "open", caller } : { kind: "closed", refusal };
  }

  /** Notes that an origin has answered a call. A new key that the origin accepts costs its address nothing. */
  answered(request: Request, caller: Caller, status: number): void {
    this.keys.answered(caller, status);
    if (this.keys.accepts(caller) && this.#countedAsNew.delete(request)) {
      this.#newKeys.giveBack(addressOf(request));
    }
  }

  /** Counts a call for its address, unless its user alone accounts for it. */
  async #crowded(caller: Caller, request: Request): Promise<Refusal | null> {
    if (this.#authenticator === null || this.#byUser === null || this.keys.refuses(caller)) {
      return await this.address(request);
    }
    if (!holdsKey(caller) || this.keys.accepts(caller)) {
      return null;
    }
    const seconds = this.#newKeys.take(addressOf(request));
    if (seconds === null) {
      this.#countedAsNew.add(request);
      return null;
    }
    return limited("address", this.#newKeys.perMinute, ADDRESS_WINDOW_SECONDS, seconds);
  }

  async #ofUser({ userId }: Caller): Promise<Refusal | null> {
    const quota = this.#config.limits.userPerSecond * USER_WINDOW_SECONDS;
    return (await allows(this.#byUser, userId))
      ? null
      : limited("user", quota, USER_WINDOW_SECONDS);
  }

  /** Nobody gets in by a mistake of the edge's own. */
  async #check(request: Request, ctx: ExecutionContext): Promise<Verdict> {
    try {
      return (await this.#authenticator?.check(request, ctx)) ?? admitted(LOCAL);
    } catch (error) {
      console.error("A caller could not be checked:", String(error));
      return refused("unavailable");
    }
  }

  #refusal(reason: Reason): Refusal {
    switch (reason) {
      case "unavailable":
        return { rejection: "authUnavailable", headers: { "Retry-After": WITHOUT_KEYS_SECONDS } };
      case "malformed":
        return this.#challenged("invalidRequest", reason);
      case "unauthenticated":
        return this.#challenged("unauthenticated", reason);
      case "insufficientScope":
        return this.#challenged("insufficientScope", reason);
      default:
        return this.#challenged("invalidToken", reason);
    }
  }

  #challenged(rejection: Rejection, reason: Reason): Refusal {
    const value = this.#challenge(reason);
    return { rejection, headers: value === null ? {} : { "WWW-Authenticate": value } };
  }

  #challenge(reason: Reason): string | null {
    const { auth } = this.#config;
    return auth === null ? null : challenge(auth, reason);
  }

  /** What a client is told whose key an origin does not know; null where nobody is asked. */
  get challengeOfOrigin(): string | null {
    return this.#challenge("invalid");
  }

  /** The protected resource's metadata; null where there is none. */
  get metadata(): string | null {
    const { auth } = this.#config;
    return auth === null ? null : metadata(auth);
  }
}

function bound(name: string, limit: RateLimit | undefined): RateLimit {
  if (limit === undefined) {
    throw new ConfigError(`EDGE_CONFIG has limits, and the rate limit ${name} is not bound`);
  }
  return limit;
}

/** A counter that fails lets all in: it is there to keep a crowd away, and a call must not fail for it. */
async function allows(limit: RateLimit | null, key: string): Promise<boolean> {
  try {
    return limit === null || (await limit.limit({ key })).success;
  } catch (error) {
    console.error("A rate limit does not count:", String(error));
    return true;
  }
}

function addressOf(request: Request): string {
  return clientNetwork(request.headers.get("CF-Connecting-IP"));
}

/** Cloudflare does not tell when its window began: after a whole one there is room for certain. */
function limited(name: string, quota: number, window: number, wait = window): Refusal {
  return {
    rejection: "rateLimited",
    headers: {
      "Retry-After": String(wait),
      "RateLimit-Policy": `"${name}";q=${quota};w=${window}`,
      RateLimit: `"${name}";r=0;t=${wait}`,
    },
  };
}
