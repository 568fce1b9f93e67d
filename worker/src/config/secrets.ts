const BEARER = /^Bearer /i;
const utf8 = new TextEncoder();

/** What a Worker is bound to; each may be missing. */
export interface Env {
  readonly EDGE_CONFIG?: string;
  readonly RELEASE?: string;
  readonly GATEWAY_SECRET?: string;
  readonly ADMIN_TOKEN?: string;
  readonly STATE?: KVNamespace;
  /** Count requests by address and calls by user, unless EDGE_CONFIG says "none". */
  readonly ADDRESS_LIMIT?: RateLimit;
  readonly USER_LIMIT?: RateLimit;
}

/** The values of a comma list, as it is while one replaces another; none when it is not set. */
export function values(list: string | undefined): string[] {
  return (list ?? "")
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
}

/** What is sent to the origins: the first of the list; null when there is none that can stand in a header. */
export function sentSecret(env: Env): string | null {
  const first = (env.GATEWAY_SECRET ?? "").split(",", 1)[0]?.trim() ?? "";
  return /^[!-~]+$/.test(first) ? first : null;
}

/** Whether one of the values is this one; takes as long for any that is of the same length. */
export async function isOneOf(given: string, list: string | undefined): Promise<boolean> {
  const wanted = await digest(given);
  let found = false;
  for (const value of values(list)) {
    found = crypto.subtle.timingSafeEqual(wanted, await digest(value)) || found;
  }
  return found;
}

/** Whether a request shows an admin token in its header. */
export async function bearsAdminToken({ headers }: Request, env: Env): Promise<boolean> {
  const authorization = headers.get("Authorization") ?? "";
  const given = authorization.replace(BEARER, "");
  return BEARER.test(authorization) && (await isOneOf(given, env.ADMIN_TOKEN));
}

/** The HMAC-SHA-256 of a text by a secret. */
export async function hmac(secret: string, text: string): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secret), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(text)));
}

// Of one length whatever is given, as timingSafeEqual asks for.
function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", utf8.encode(text));
}
