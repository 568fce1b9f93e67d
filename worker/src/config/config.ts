import { MCP_PATH } from "../gate/route";
import { POOL_DEFAULTS, type PoolSettings } from "../pool/settings";
import { ConfigError, readJson } from "./schema";

/** Where calls go. */
export interface Origin {
  readonly name: string;
  /** As `https://host`, without a slash at the end. */
  readonly url: string;
  /** Where it takes MCP, as `/mcp`. */
  readonly mcpPath: string;
  /** Whether it is out from the beginning. */
  readonly drained: boolean;
}

/** How origins are probed. */
export interface MonitorSettings {
  /** For one probe's whole answer. */
  readonly timeoutMillis: number;
  /** At once, after a timeout only. */
  readonly retries: number;
}

/** How the edge forwards. */
export interface ForwardingSettings {
  /** For which a call that finds no origin is tried again. */
  readonly waitMillis: number;
  /** Without a byte, after which an attempt has failed. */
  readonly idleTimeoutMillis: number;
  /** After which an attempt may have no effect any more: X-Deadline is this far ahead. */
  readonly attemptMillis: number;
  readonly maxBodyBytes: number;
  /** The names by which it may be asked, in lower case; empty: any, since Cloudflare sends it what was asked for its own host only. */
  readonly allowedHosts: ReadonlySet<string>;
  /** The load balancer that a call's first attempt goes to; null: straight to the origins. */
  readonly loadBalancer: string | null;
}

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

/** All that a Worker is told by EDGE_CONFIG. */
export interface Config {
  /** In the order of preference. */
  readonly origins: readonly Origin[];
  readonly pool: PoolSettings;
  readonly monitor: MonitorSettings;
  readonly forwarding: ForwardingSettings;
  /** Null: nobody is asked who calls. */
  readonly auth: Required | null;
  readonly limits: Limits;
  /** Whether anybody may read /status/public. */
  readonly publicStatus: boolean;
  /** Whether events of Stripe are passed on. */
  readonly billing: boolean;
  readonly alerts: Alerts;
}

/** A webhook that is told that no origin answers. */
export interface Webhook {
  readonly name: string;
  readonly type: "slack" | "discord" | "ntfy" | "json";
  /** What the Worker is bound to the address by. */
  readonly secret: string;
}

export interface Alerts {
  /** What the messages call the deployment. */
  readonly service: string;
  readonly webhooks: readonly Webhook[];
}

/** What of EDGE_CONFIG a Worker uses, with the defaults. */
interface Json {
  readonly allowedHosts?: readonly string[];
  readonly origins: readonly Omit<Origin, "mcpPath">[];
  readonly monitor: Omit<MonitorSettings, "timeoutMillis"> & {
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly consecutiveDown: number;
    readonly consecutiveUp: number;
  };
  readonly edge: {
    readonly waitSeconds: number;
    readonly idleTimeoutMillis: number;
    readonly maxBodyBytes: number;
    readonly holdDownSeconds: number;
    readonly holdDownMaxSeconds: number;
    readonly failureWindowSeconds: number;
  };
  readonly failover: "worker" | "load_balancer";
  readonly loadBalancer?: string;
  readonly auth?: "none" | (Omit<Required, "jwt"> & { readonly jwt?: JwtJson });
  readonly alerts?: Alerts;
  readonly limits?: "none" | Pick<Limits, "addressPerMinute" | "userPerSecond">;
  readonly publicStatus: boolean;
  readonly billing: boolean;
}

type JwtJson = Omit<JwtSettings, "audience"> & { readonly audience?: string };

const ATTEMPT_MILLIS = 300_000;

/** @throws ConfigError naming what is malformed or missing */
export function readConfig(text: string | undefined): Config {
  const json = readJson(text) as Json;
  const { monitor, edge } = json;
  if (edge.holdDownMaxSeconds < edge.holdDownSeconds) {
    throw ConfigError.field(
      "edge.holdDownMaxSeconds",
      "must not be less than edge.holdDownSeconds",
    );
  }
  const auth = readAuth(json.auth);
  return {
    origins: readOrigins(json.origins),
    pool: {
      ...POOL_DEFAULTS,
      consecutiveDown: monitor.consecutiveDown,
      consecutiveUp: monitor.consecutiveUp,
      interval: millis(monitor.intervalSeconds),
      holdDown: millis(edge.holdDownSeconds),
      holdDownMax: millis(edge.holdDownMaxSeconds),
      failureWindow: millis(edge.failureWindowSeconds),
    },
    monitor: { ...monitor, timeoutMillis: millis(monitor.timeoutSeconds) },
    forwarding: {
      waitMillis: millis(edge.waitSeconds),
      idleTimeoutMillis: edge.idleTimeoutMillis,
      attemptMillis: ATTEMPT_MILLIS,
      maxBodyBytes: edge.maxBodyBytes,
      allowedHosts: readHosts(json.allowedHosts, auth),
      loadBalancer:
        json.failover === "worker" ? null : (json.loadBalancer?.replace(/\/$/, "") ?? null),
    },
    auth,
    limits: readLimits(json.limits),
    publicStatus: json.publicStatus,
    billing: json.billing,
    alerts: json.alerts ?? { service: "", webhooks: [] },
  };
}

/** Seconds as they are written, whole milliseconds as they are used, so that half a second can be said. */
function millis(seconds: number): number {
  return Math.round(seconds * 1000);
}

function readOrigins(entries: Json["origins"]): Origin[] {
  return entries.map(({ name, url, drained }, i) => {
    if (entries.findIndex((other) => other.name === name) !== i) {
      throw ConfigError.field(`origins[${i}].name`, "is another origin's name");
    }
    if (!isUrl(url)) {
      throw ConfigError.field(
        `origins[${i}].url`,
        "must be as https://host or http://host:port/path",
      );
    }
    const { origin, pathname } = new URL(url);
    return { name, url: origin, mcpPath: pathname === "/" ? MCP_PATH : pathname, drained };
  });
}

function isUrl(text: string): boolean {
  try {
    return new URL(text).hostname !== "";
  } catch {
    return false;
  }
}

/** What clients are asked for; null: nothing, which must be said in as many words, since the whole world reaches a Worker. */
function readAuth(auth: Json["auth"]): Required | null {
  if (auth === undefined) {
    throw ConfigError.field("auth", 'is missing: it must be "none", or an object with keys or jwt');
  }
  if (auth === "none") {
    return null;
  }
  const { resource, keys, jwt } = auth;
  for (const [name, url] of [
    ["auth.resource", resource],
    ["auth.jwt.jwks", jwt?.jwks],
  ]) {
    if (name !== undefined && url !== undefined && !isUrl(url)) {
      throw ConfigError.field(name, "must begin with https://, or be on localhost");
    }
  }
  return {
    resource,
    keys,
    jwt: jwt === undefined ? null : { audience: resource, ...jwt, scopes: [...jwt.scopes].sort() },
  };
}

/** "none" must be said in as many words, as with auth. */
function readLimits(limits: Json["limits"]): Limits {
  if (limits === undefined) {
    throw ConfigError.field("limits", 'is missing: it must be "none", or an object');
  }
  const { addressPerMinute, userPerSecond } =
    limits === "none" ? { addressPerMinute: 0, userPerSecond: 0 } : limits;
  return {
    address: addressPerMinute > 0,
    user: userPerSecond > 0,
    addressPerMinute,
    userPerSecond,
  };
}

function readHosts(given: Json["allowedHosts"], auth: Required | null): ReadonlySet<string> {
  const names = given ?? (auth === null ? [] : [new URL(auth.resource).hostname]);
  return new Set(names.map((name) => name.toLowerCase()));
}
