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

// Of one length whatever is given, as timingSafeEqual asks for.
function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}
