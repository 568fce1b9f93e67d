import type { MonitorSettings, Origin } from "../config/config";

/** The header in each answer of an origin that keeps a ledger. */
export const LEDGER = "X-Ledger";
const HEALTH = "/health";
const OK = '"status":"ok"';
const PING = '{"jsonrpc":"2.0","id":"mcpist-edge","method":"ping"}';
const NOT_IMPLEMENTED = 501;
/** Cloudflare's own answer for an origin that refuses a connection. */
const REFUSED = 521;
const MAX_BODY_BYTES = 64 * 1024;

/** The result of a probe. */
export interface ProbeResult {
  /** Null: the origin is well. */
  readonly failure: string | null;
  /** Whether no connection came about, and that was clear before its time was over. */
  readonly refused: boolean;
  /** What it runs, and which process it is, as it tells those who have the secret. */
  readonly release: string | null;
  readonly instance: string | null;
  /** For how long that process has run, in milliseconds; at most a second more. */
  readonly uptimeMillis: number | null;
  /** How far this clock is ahead of the database's, in milliseconds. */
  readonly skewMillis: number | null;
  /**
   * Whether the origin says that it keeps calls in a ledger, so that a call that is sent again runs once. Null if a refusal does not
   * say so: the refusal may come from something in the origin's place.
   */
  readonly ledger: boolean | null;
}

type Told = Omit<ProbeResult, "failure" | "refused" | "ledger">;

const NOTHING_TOLD: Told = { release: null, instance: null, uptimeMillis: null, skewMillis: null };
const NO_ANSWER = { ...NOTHING_TOLD, ledger: null };

/** An answer that is not the expected one. */
class Unexpected extends Error {}

/**
 * Asks an origin how it is once, and again at once after a timeout.
 *
 * @param keepsCalls whether the origin is known to keep a ledger, and so to have /health
 * @return never fails
 */
export async function probe(
  origin: Origin,
  settings: MonitorSettings,
  gatewaySecret: string,
  keepsCalls: boolean,
): Promise<ProbeResult> {
  for (let left = settings.retries; ; left--) {
    try {
      return await once(origin, settings, gatewaySecret, keepsCalls);
    } catch (error) {
      if (left <= 0 || !isTimeout(error)) {
        const refused = !(error instanceof Unexpected) && !isTimeout(error);
        return { failure: describe(error), refused, ...NO_ANSWER };
      }
    }
  }
}

async function once(
  origin: Origin,
  settings: MonitorSettings,
  gatewaySecret: string,
  keepsCalls: boolean,
): Promise<ProbeResult> {
  const begun = Date.now();
  const headers = { Accept: "application/json", "X-Gateway-Secret": gatewaySecret };
  const health = await ask(origin.url + HEALTH, settings, { headers });
  const text = await bodyOf(health);
  if (health.status === 200 && text.includes(OK)) {
    const ledger = health.headers.has(LEDGER);
    return { failure: null, refused: false, ledger, ...told(text, begun, Date.now()) };
  }
  if (health.status >= 500 && health.status !== NOT_IMPLEMENTED) {
    throw new Unexpected(`${HEALTH}: code ${health.status}`);
  }
  const answer = await ping(origin, settings, headers, keepsCalls);
  const ledger = answer.headers.has(LEDGER) || (answer.ok ? false : null);
  return { failure: null, refused: false, ...NOTHING_TOLD, ledger };
}

/** One that has no such path, or another use for it, is asked by MCP; who wants a session first refuses it, in JSON-RPC. */
async function ping(
  { url, mcpPath }: Origin,
  settings: MonitorSettings,
  secret: Record<string, string>,
  keepsCalls: boolean,
): Promise<Response> {
  const headers = {
    ...secret,
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
  };
  const answer = await ask(url + mcpPath, settings, { method: "POST", headers, body: PING });
  const { status } = answer;
  const speaksMcp = (await bodyOf(answer)).includes('"jsonrpc"') && status < 500;
  const asksWhoCalls = status === 401 || status === 403;
  // An origin that keeps a ledger has /health and says so in each answer. So a refusal without X-Ledger comes from something in its
  // place, such as a platform that has stopped the service, or another server.
  const inItsPlace = keepsCalls && !answer.ok && !answer.headers.has(LEDGER);
  if (inItsPlace || !(speaksMcp || asksWhoCalls)) {
    throw new Unexpected(`no MCP at ${mcpPath}: code ${status}`);
  }
  return answer;
}

async function ask(url: string, settings: MonitorSettings, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(settings.timeoutMillis);
  const response = await fetch(url, { ...init, redirect: "manual", signal });
  if (response.status === REFUSED) {
    await response.body?.cancel();
    throw new Error("the origin takes no connection");
  }
  return response;
}

async function bodyOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > MAX_BODY_BYTES) {
      throw new Unexpected(`a body of more than ${MAX_BODY_BYTES} bytes`);
    }
    text += decoder.decode(piece, { stream: true });
  }
  return text;
}

function told(body: string, asked: number, now: number): Told {
  let json: Readonly<Record<string, unknown>> | null;
  try {
    json = JSON.parse(body);
  } catch {
    return NOTHING_TOLD; // Not one of MCPist's own.
  }
  const { release, instance, uptimeSeconds, clock } = json ?? {};
  return {
    release: typeof release === "string" ? release : null,
    instance: typeof instance === "string" ? instance : null,
    uptimeMillis: typeof uptimeSeconds === "number" ? uptimeSeconds * 1_000 : null,
    // It was told halfway between question and answer.
    skewMillis: typeof clock === "number" ? Math.round((asked + now) / 2 - clock) : null,
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

function describe(error: unknown): string {
  if (error instanceof Unexpected) {
    return error.message;
  }
  return `${HEALTH}: ${isTimeout(error) ? "no answer in time" : "connection failed"}`;
}
