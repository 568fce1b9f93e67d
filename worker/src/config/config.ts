import { POOL_DEFAULTS, type PoolSettings } from "../pool/settings";
import { type Limits, type Required, readAuth, readLimits } from "./auth";
import { ConfigError, Fields } from "./fields";
import { isLoopback } from "./loopback";
import { type Origin, readOrigins } from "./origins";

/** How origins are probed. */
export interface MonitorSettings {
  /** Of the health endpoint, as `/health`. */
  readonly path: string;
  /** For one probe's whole answer. */
  readonly timeoutMillis: number;
  /** At once, after a timeout only. */
  readonly retries: number;
  readonly expectedCode: number;
  /** What the body must contain. */
  readonly expectedBody: string;
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
  /** Whether only calls that read may be sent again after an origin may have seen them. */
  readonly safeReplayOnly: boolean;
  /** The names by which it may be asked, in lower case; empty: any, since Cloudflare sends it what was asked for its own host only. */
  readonly allowedHosts: ReadonlySet<string>;
  /** The load balancer that a call's first attempt goes to; null: straight to the origins. */
  readonly loadBalancer: string | null;
}

/** All that a Worker is told by EDGE_CONFIG. */
export interface Config {
  readonly origins: readonly Origin[];
  readonly pool: PoolSettings;
  readonly monitor: MonitorSettings;
  readonly forwarding: ForwardingSettings;
  /** Null: nobody is asked who calls. */
  readonly auth: Required | null;
  readonly limits: Limits;
}

const ATTEMPT_MILLIS = 300_000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

// What only a listening edge needs is taken, so that both read the same text.
const TOP =
  "host port adminPort allowedHosts origins monitor edge failover loadBalancer auth limits".split(
    " ",
  );
const MONITOR =
  "path intervalSeconds timeoutSeconds retries consecutiveDown consecutiveUp expectedBody expectedCode".split(
    " ",
  );
const FORWARDING =
  "waitSeconds connectTimeoutMillis idleTimeoutMillis maxBodyBytes replay holdDownSeconds holdDownMaxSeconds failureWindowSeconds".split(
    " ",
  );

/** @throws ConfigError naming what is malformed or missing */
export function readConfig(text: string | undefined): Config {
  const top = new Fields(parse(text), "", TOP);
  const monitor = new Fields(top.raw("monitor") ?? {}, "monitor.", MONITOR);
  const edge = new Fields(top.raw("edge") ?? {}, "edge.", FORWARDING);
  const origins = readOrigins(top.raw("origins"));
  const auth = readAuth(top.raw("auth"));
  return {
    origins,
    pool: pool(monitor, edge),
    monitor: monitorSettings(monitor),
    forwarding: forwarding(top, edge, auth),
    auth,
    limits: readLimits(top.raw("limits")),
  };
}

function parse(text: string | undefined): unknown {
  if (text === undefined || text.trim() === "") {
    throw new ConfigError("EDGE_CONFIG is not set: it must be JSON with the origins");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError("EDGE_CONFIG: malformed JSON");
  }
}

function pool(monitor: Fields, edge: Fields): PoolSettings {
  const d = POOL_DEFAULTS;
  const holdDown = edge.seconds("holdDownSeconds", d.holdDown, 0, 3_600);
  const holdDownMax = edge.seconds("holdDownMaxSeconds", d.holdDownMax, 0, 86_400);
  if (holdDownMax < holdDown) {
    throw edge.wrong("holdDownMaxSeconds", "must not be less than edge.holdDownSeconds");
  }
  return {
    consecutiveDown: monitor.integer("consecutiveDown", d.consecutiveDown, 1, 100),
    consecutiveUp: monitor.integer("consecutiveUp", d.consecutiveUp, 1, 100),
    interval: monitor.seconds("intervalSeconds", d.interval, 0.1, 3_600),
    probeDelay: d.probeDelay,
    probeDelayMax: d.probeDelayMax,
    holdDown,
    holdDownMax,
    failureWindow: edge.seconds("failureWindowSeconds", d.failureWindow, 0, 86_400),
  };
}

function monitorSettings(monitor: Fields): MonitorSettings {
  const path = monitor.text("path", "/health");
  if (!/^\/[!-~]*$/.test(path)) {
    throw monitor.wrong("path", "must begin with '/' and have no space in it");
  }
  return {
    path,
    timeoutMillis: monitor.seconds("timeoutSeconds", 5_000, 0.1, 300),
    retries: monitor.integer("retries", 2, 0, 10),
    expectedCode: monitor.integer("expectedCode", 200, 200, 599),
    expectedBody: monitor.text("expectedBody", '"status":"ok"'),
  };
}

function forwarding(top: Fields, edge: Fields, auth: Required | null): ForwardingSettings {
  edge.integer("connectTimeoutMillis", 1_000, 10, 60_000);
  const replay = edge.text("replay", "all");
  if (replay !== "all" && replay !== "safe") {
    throw edge.wrong("replay", "must be all or safe");
  }
  return {
    waitMillis: edge.seconds("waitSeconds", 10_000, 0, 600),
    idleTimeoutMillis: edge.integer("idleTimeoutMillis", 3_000, 100, 3_600_000),
    attemptMillis: ATTEMPT_MILLIS,
    maxBodyBytes: edge.integer("maxBodyBytes", 4 * 1024 * 1024, 1_024, MAX_BODY_BYTES),
    safeReplayOnly: replay === "safe",
    allowedHosts: hosts(top, auth),
    loadBalancer: loadBalancer(top),
  };
}

function hosts(top: Fields, auth: Required | null): ReadonlySet<string> {
  const given = top.raw("allowedHosts");
  if (given === null) {
    return new Set(auth === null ? [] : [new URL(auth.resource).hostname]);
  }
  const wrong = top.wrong(
    "allowedHosts",
    "must be names or addresses without a port, as mcp.example.com",
  );
  if (!Array.isArray(given) || given.length === 0) {
    throw wrong;
  }
  const names = given.map((name) => {
    if (typeof name !== "string" || !/^(\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)$/.test(name)) {
      throw wrong;
    }
    return name.toLowerCase();
  });
  return new Set(names);
}

function loadBalancer(top: Fields): string | null {
  const failover = top.text("failover", "worker");
  const url = top.raw("loadBalancer");
  if (failover === "worker") {
    return null;
  }
  if (failover !== "load_balancer") {
    throw top.wrong("failover", "must be worker or load_balancer");
  }
  const [, scheme, host = ""] =
    /^(https?):\/\/([A-Za-z0-9._-]+)(:[0-9]+)?\/?$/.exec(String(url)) ?? [];
  if (typeof url !== "string" || !(scheme === "https" || (scheme === "http" && isLoopback(host)))) {
    throw top.wrong("loadBalancer", "must be as https://host, where failover is load_balancer");
  }
  return url.replace(/\/$/, "");
}
