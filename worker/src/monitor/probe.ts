import type { MonitorSettings, Origin } from "../config/config";

/** Cloudflare's own answer for an origin that refuses a connection. */
const REFUSED = 521;
const MAX_BODY_BYTES = 64 * 1024;

/** What a probe found. */
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
}

type Told = Omit<ProbeResult, "failure" | "refused">;

const NOTHING_TOLD: Told = { release: null, instance: null, uptimeMillis: null, skewMillis: null };

/** An answer that is not the expected one. */
class Unexpected extends Error {}

/**
 * Asks an origin's health endpoint once, and again at once after a timeout.
 *
 * @return never fails
 */
export async function probe(
  origin: Origin,
  settings: MonitorSettings,
  gatewaySecret: string,
): Promise<ProbeResult> {
  for (let left = settings.retries; ; left--) {
    try {
      return await once(origin, settings, gatewaySecret);
    } catch (error) {
      if (left <= 0 || !isTimeout(error)) {
        const refused = !(error instanceof Unexpected) && !isTimeout(error);
        return { failure: `${settings.path}: ${describe(error)}`, refused, ...NOTHING_TOLD };
      }
    }
  }
}

async function once(
  origin: Origin,
  settings: MonitorSettings,
  gatewaySecret: string,
): Promise<ProbeResult> {
  const begun = Date.now();
  const response = await fetch(origin.url + settings.path, {
    headers: { Accept: "application/json", "X-Gateway-Secret": gatewaySecret },
    redirect: "manual",
    signal: AbortSignal.timeout(settings.timeoutMillis),
  });
  if (response.status === REFUSED) {
    await response.body?.cancel();
    throw new Error("the origin takes no connection");
  }
  if (response.status !== settings.expectedCode) {
    await response.body?.cancel();
    throw new Unexpected(`code ${response.status}`);
  }
  const text = await bodyOf(response);
  if (!text.includes(settings.expectedBody)) {
    throw new Unexpected(`a body without ${settings.expectedBody}`);
  }
  return { failure: null, refused: false, ...told(text, begun, Date.now()) };
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
    return NOTHING_TOLD; // Not one of MCPist's own, yet well by the words it was asked for.
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
  return isTimeout(error) ? "no answer in time" : "connection failed";
}
