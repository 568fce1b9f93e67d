import type { MonitorSettings, Origin } from "../config/config";

const MAX_BODY_BYTES = 64 * 1024;

/** What a probe found. */
export interface ProbeResult {
  /** Null: the origin is well. */
  readonly failure: string | null;
  /** What it runs, and which process it is, as it tells those who have the secret. */
  readonly release: string | null;
  readonly instance: string | null;
}

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
        return {
          failure: `${settings.path}: ${describe(error)}`,
          release: null,
          instance: null,
        };
      }
    }
  }
}

async function once(
  origin: Origin,
  settings: MonitorSettings,
  gatewaySecret: string,
): Promise<ProbeResult> {
  const response = await fetch(origin.url + settings.path, {
    headers: { Accept: "application/json", "X-Gateway-Secret": gatewaySecret },
    redirect: "manual",
    signal: AbortSignal.timeout(settings.timeoutMillis),
  });
  if (response.status !== settings.expectedCode) {
    await response.body?.cancel();
    throw new Unexpected(`code ${response.status}`);
  }
  const text = await bodyOf(response);
  if (!text.includes(settings.expectedBody)) {
    throw new Unexpected(`a body without ${settings.expectedBody}`);
  }
  return { failure: null, release: told(text, "release"), instance: told(text, "instance") };
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

function told(body: string, field: string): string | null {
  try {
    const value = (JSON.parse(body) as Record<string, unknown> | null)?.[field];
    return typeof value === "string" ? value : null;
  } catch {
    return null; // Not one of MCPist's own, yet well by the words it was asked for.
  }
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
