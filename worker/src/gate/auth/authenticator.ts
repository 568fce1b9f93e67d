import type { Required } from "../../config/config";
import type { Store } from "../../monitor/store";
import { digest, isKey, KEY_PREFIX } from "./api-keys";
import { callerOfKey } from "./caller";
import { IssuerKeys } from "./issuer-keys";
import { fetchKeySet } from "./jwks";
import { checkToken, keyIdOf } from "./token-check";
import { admitted, refused, type Verdict } from "./verdict";

const MAX_TOKEN = 8 * 1024;
// Two headers of this name come joined by a comma, which is no token's.
const SCHEME = /(?:^|,[ \t]*)Bearer\b/i;
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;
const TOKEN_IN_QUERY = "access_token";

/** Finds out who calls. */
export class Authenticator {
  readonly #required: Required;
  readonly #keys: IssuerKeys;

  constructor(required: Required, store: Store | null) {
    const { jwt } = required;
    this.#required = required;
    const keep = store === null || jwt === null ? null : store.keysOf(jwt.jwks);
    this.#keys = new IssuerKeys(() => fetchKeySet(jwt?.jwks ?? ""), keep);
  }

  /** Whose a request is. */
  async check({ url, headers }: Request, ctx: ExecutionContext): Promise<Verdict> {
    const authorization = headers.get("Authorization");
    if (hasTokenInQuery(url)) {
      return refused("malformed");
    }
    // Another scheme is nothing here: that is as if it were not there.
    if (authorization === null || !SCHEME.test(authorization)) {
      return refused("unauthenticated");
    }
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) {
      return refused("malformed");
    }
    if (token.length > MAX_TOKEN) {
      return refused("invalid");
    }
    return token.startsWith(KEY_PREFIX) ? await this.#key(token) : await this.#token(token, ctx);
  }

  async #key(key: string): Promise<Verdict> {
    return this.#required.keys && isKey(key)
      ? admitted(callerOfKey(await digest(key)))
      : refused("invalid");
  }

  async #token(token: string, ctx: ExecutionContext): Promise<Verdict> {
    const { jwt } = this.#required;
    if (jwt === null) {
      return refused("invalid");
    }
    if (this.#keys.mustLook(keyIdOf(token))) {
      // The question goes on for those after it, should this client go.
      const looked = this.#keys.lookAgain();
      ctx.waitUntil(looked);
      await looked;
    }
    const refreshed = this.#keys.refresh();
    if (refreshed !== null) {
      ctx.waitUntil(refreshed);
    }
    const { known } = this.#keys;
    return known === null
      ? refused("unavailable")
      : await checkToken(token, known, jwt, new Date());
  }
}

/** However its name is written: it would stand in logs, and go on to an origin. */
function hasTokenInQuery(url: string): boolean {
  const names = [...new URL(url).searchParams.keys()];
  return names.some((name) => name.toLowerCase() === TOKEN_IN_QUERY);
}
