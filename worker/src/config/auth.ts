import { isAddressBlock } from "./address-block";
import { ConfigError, Fields } from "./fields";
import { isLoopback } from "./loopback";

/** Whose tokens are taken. */
export interface JwtSettings {
  /** The `iss` of each. */
  readonly issuer: string;
  /** Where the issuer's keys are, as a JSON Web Key Set. */
  readonly jwks: string;
  /** Must be the `aud` of each, or among them. */
  readonly audience: string;
  /** That each must have; empty: none. */
  readonly scopes: readonly string[];
}

/** What clients are asked for. */
export interface Required {
  /** The server's one canonical URI. */
  readonly resource: string;
  /** Whether API keys are taken. */
  readonly keys: boolean;
  /** Null: nobody's tokens are. */
  readonly jwt: JwtSettings | null;
}

/** How much may be called; the numbers are in the bindings that count. */
export interface Limits {
  readonly address: boolean;
  readonly user: boolean;
  readonly addressPerMinute: number;
  readonly userPerSecond: number;
}

const AUTH = ["resource", "keys", "jwt"];
const JWT = ["issuer", "jwks", "audience", "scopes"];
const LIMITS = ["addressPerMinute", "userPerSecond", "userBurst", "trustedProxies"];
const MOST = 1_000_000;

/**
 * What clients are asked for; null: nothing, which must be said in as many words, since the whole world reaches a Worker.
 *
 * @throws ConfigError
 */
export function readAuth(auth: unknown): Required | null {
  if (auth === "none") {
    return null;
  }
  if (auth === null) {
    throw ConfigError.field("auth", 'is missing: it must be "none", or an object with keys or jwt');
  }
  const fields = new Fields(auth, "auth.", AUTH);
  const resource = url(fields, "resource");
  if (new URL(resource).pathname !== "/mcp") {
    throw fields.wrong("resource", "must be as https://mcp.example.com/mcp");
  }
  const keys = fields.flag("keys");
  const jwt = fields.raw("jwt") === null ? null : readJwt(fields.raw("jwt"), resource);
  if (!keys && jwt === null) {
    throw ConfigError.field("auth", 'must have keys: true, or jwt, or be "none"');
  }
  return { resource, keys, jwt };
}

function readJwt(jwt: unknown, resource: string): JwtSettings {
  const fields = new Fields(jwt, "auth.jwt.", JWT);
  const issuer = fields.text("issuer", "");
  if (!/^[!-~]+$/.test(issuer)) {
    throw fields.wrong("issuer", "must be the iss of the tokens");
  }
  const scopes = fields.raw("scopes") ?? [];
  // RFC 6749, 3.3: what may stand between quotes in a header.
  const word = (scope: unknown) => typeof scope === "string" && /^[!#-[\]-~]+$/.test(scope);
  if (!Array.isArray(scopes) || !scopes.every(word)) {
    throw fields.wrong("scopes", "must be words of ASCII without quotes");
  }
  const audience = fields.text("audience", resource);
  return { issuer, jwks: url(fields, "jwks"), audience, scopes: [...scopes].sort() };
}

/** Keys that come in clear over a network could be anybody's. */
function url(fields: Fields, name: string): string {
  const text = fields.text(name, "");
  const parsed = parse(text);
  const local = parsed?.protocol === "http:" && isLoopback(parsed.hostname);
  if (parsed === null || (parsed.protocol !== "https:" && !local) || parsed.username !== "") {
    throw fields.wrong(name, "must begin with https://, or be on localhost");
  }
  return text;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/**
 * "none" must be said in as many words, as with auth.
 *
 * @throws ConfigError
 */
export function readLimits(limits: unknown): Limits {
  if (limits === null) {
    throw ConfigError.field("limits", 'is missing: it must be "none", or an object');
  }
  if (limits === "none") {
    return { address: false, user: false, addressPerMinute: 0, userPerSecond: 0 };
  }
  const fields = new Fields(limits, "limits.", LIMITS);
  const addressPerMinute = fields.integer("addressPerMinute", 1_000, 0, MOST);
  const userPerSecond = fields.integer("userPerSecond", 5, 0, MOST);
  fields.integer("userBurst", 50, 0, MOST);
  readProxies(fields);
  return {
    address: addressPerMinute > 0,
    user: userPerSecond > 0,
    addressPerMinute,
    userPerSecond,
  };
}

/** They are read and not used: a Worker is asked by Cloudflare alone, which says whose request it is. */
function readProxies(fields: Fields): void {
  const blocks = fields.raw("trustedProxies") ?? [];
  const block = (text: unknown) => typeof text === "string" && isAddressBlock(text);
  if (!Array.isArray(blocks) || !blocks.every(block)) {
    throw fields.wrong(
      "trustedProxies",
      "must be as 10.0.0.0/8 or fd00::/8, and not every address: anybody would be believed then",
    );
  }
}
