import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import type { Env } from "../src/config/secrets";
import { edgeOf } from "../src/edge";
import worker from "../src/index";

// The vectors of contract/errors, each as a call.

interface Vector {
  readonly description: string;
  readonly at: readonly string[];
  readonly header?: string;
  readonly request: unknown;
  readonly outcome: "notRun" | "mayHaveRun" | "refused";
  readonly refusal?: "rate_limited" | "overloaded" | "auth_unavailable";
  readonly status: number;
  readonly retryAfter: boolean;
  readonly errors: readonly { readonly id?: number; readonly data: Record<string, string> }[];
}

const QUARTER = 15 * 60_000;
const DAY = 24 * 3_600_000;
const NOW = Date.parse("2026-11-25T11:00:00.000Z");
const MIB = 1024 * 1024;
const calls = inject("errors")["calls.json"] as readonly Vector[];
const vectors = calls.filter(({ at }) => at.includes("edge"));
const unlimited = { limit: async () => ({ success: true }) };
const spent = { limit: async () => ({ success: false }) };

afterEach(() => {
  vi.useRealTimers();
});

function bound(refusal: string | undefined): Env {
  const { STATE } = env as unknown as Required<Pick<Env, "STATE">>;
  const jwt = { issuer: "i", jwks: "http://localhost:1/" };
  const config = {
    host: crypto.randomUUID(),
    auth: refusal === "auth_unavailable" ? { resource: "http://localhost/mcp", jwt } : "none",
    limits: refusal === "rate_limited" ? {} : "none",
    origins: [{ name: "a", url: `http://127.0.0.1:${inject("originPort")}` }],
    edge: { waitSeconds: 0 },
  };
  const limits = { ADDRESS_LIMIT: unlimited, USER_LIMIT: spent };
  return { EDGE_CONFIG: JSON.stringify(config), GATEWAY_SECRET: "secret", STATE, ...limits };
}

async function answerOf({ header, request, outcome, refusal }: Vector): Promise<Response> {
  const bindings = bound(refusal);
  if (refusal === "overloaded") {
    edgeOf(bindings)
      .budget.lease([], Date.now())
      .take(32 * MIB, 0);
  }
  const answer = outcome === "mayHaveRun" ? "reset" : "full";
  const sent = new Request(`http://localhost/mcp?answer=${answer}&errors`, {
    method: "POST",
    headers: {
      Host: "localhost",
      Authorization: "Bearer a.b.c",
      ...(header === undefined ? {} : { "Idempotency-Key": header }),
    },
    body: typeof request === "string" ? request : JSON.stringify(request),
  }) as Request<unknown, IncomingRequestCfProperties>;
  const ctx = createExecutionContext();
  const response = await worker.fetch(sent, bindings, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

/** The vector's data with what it leaves open filled in. */
function filledIn(data: Record<string, string>, callId: string): Record<string, string> {
  const born = Number.parseInt(callId.replace("-", "").slice(0, 12), 16);
  const until: Record<string, number> = {
    "{callId + 15 min}": born + QUARTER,
    "{now + 24 h}": NOW + DAY,
  };
  return Object.fromEntries(
    Object.entries({ ...data, callId }).map(([name, value]) => {
      const instant = until[value];
      const text = instant === undefined ? value : new Date(instant).toISOString();
      return [name, text.replace("{callId}", callId)];
    }),
  );
}

describe("contract/errors", () => {
  it("has vectors", () => {
    expect(vectors.length).toBeGreaterThan(20);
  });

  it.each(vectors.map((v) => [v.description, v] as const))("%s", async (_, vector) => {
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    const response = await answerOf(vector);
    expect(response.status).toBe(vector.status);
    expect(response.headers.has("Retry-After")).toBe(vector.retryAfter);
    const answer = (await response.json()) as object;
    expect(Array.isArray(answer)).toBe(Array.isArray(vector.request));
    const answers = [answer].flat() as { error: { data: { callId: string } } }[];
    const expected = vector.errors.map(({ id, ...error }, i) => ({
      jsonrpc: "2.0",
      ...(id === undefined ? {} : { id }),
      error: {
        code: -32000,
        ...error,
        data: filledIn(error.data, answers[i]?.error.data.callId ?? ""),
      },
    }));
    expect(answers).toEqual(expected);
  });
});
