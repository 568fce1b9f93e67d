import type { Config } from "../config/config";
import { ConfigError } from "../config/schema";
import type { Env } from "../config/secrets";
import type { Store } from "../monitor/store";
import { AcceptedCredentials } from "./accepted";
import { Authenticator, presented } from "./auth/authenticator";
import { type Caller, LOCAL } from "./auth/caller";
import { challenge, metadata } from "./auth/challenge";
import { type Reason, refused, type Verdict } from "./auth/verdict";
import { clientNetwork } from "./client-network";
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
  readonly accepted = new AcceptedCredentials();
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
    this.#byUser = limits.user ? bound("USER_LIMIT", env.USER_LIMIT) : null;
  }

  /**
   * Whether a call counts for its user alone, and not for its address: an origin has accepted the credential that it presents, and
   * calls of users are counted. Nothing but a digest is made before that is known.
   */
  async isAccepted(call: Request): Promise<boolean> {
    const counts = this.#authenticator !== null && this.#byUser !== null;
    return counts && this.accepted.has(await presented(call));
  }

  /** Counts a request of any kind by its address. */
  async address(request: Request): Promise<Refusal | null> {
    const key = clientNetwork(request.headers.get("CF-Connecting-IP"));
    const { addressPerMinute } = this.#config.limits;
    return (await allows(this.#byAddress, key))
      ? null
      : limited("address", addressPerMinute, ADDRESS_WINDOW_SECONDS);
  }

  /** Who makes this call, and whether that one may make another. */
  async enter(request: Request, ctx: ExecutionContext): Promise<Entry> {
    const verdict = await this.#check(request, ctx);
    if (verdict?.kind === "refused") {
      await this.#forget(request, verdict.reason);
      return { kind: "closed", refusal: this.#refusal(verdict.reason) };
    }
    const caller = verdict?.caller ?? LOCAL;
    const quota = this.#config.limits.userPerSecond * USER_WINDOW_SECONDS;
    return (await allows(this.#byUser, caller.userId))
      ? { kind: "open", caller }
      : { kind: "closed", refusal: limited("user", quota, USER_WINDOW_SECONDS) };
  }

  /** A token that has expired counts for its address again. */
  async #forget(request: Request, reason: Reason): Promise<void> {
    const credential = reason === "unavailable" ? null : await presented(request);
    if (credential !== null) {
      this.accepted.refused(credential);
    }
  }

  /** Nobody gets in by a mistake of the edge's own. */
  async #check(request: Request, ctx: ExecutionContext): Promise<Verdict | undefined> {
    try {
      return await this.#authenticator?.check(request, ctx);
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

/** Cloudflare does not tell when its window began: after a whole one there is room for certain. */
function limited(name: string, quota: number, seconds: number): Refusal {
  return {
    rejection: "rateLimited",
    headers: {
      "Retry-After": String(seconds),
      "RateLimit-Policy": `"${name}";q=${quota};w=${seconds}`,
      RateLimit: `"${name}";r=0;t=${seconds}`,
    },
  };
}
