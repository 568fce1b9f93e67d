import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import type { Env } from "../src/config/secrets";
import { edgeOf } from "../src/edge";
import worker from "../src/index";
import { bindings } from "./bindings";

// The vectors of contract/errors, each as a call.

interface Vector {
  readonly description: string;
  readonly at: readonly string[];
  readonly header?: string;
  readonly request: unknown;
  readonly outcome: "notRun" | "mayHaveRun" | "held" | "refused";
  readonly told?: boolean;
  readonly ledger?: boolean;
  readonly refusal?: "rate_limited" | "overloaded" | "auth_unavailable" | "invalid_token";
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

function bound({ refusal, ledger = true }: Pick<Vector, "refusal" | "ledger">): Env {
  const port = inject(ledger ? "originPort" : "foreignPort");
  const resource = "http://localhost/mcp";
  const auth: Record<string, object> = {
    auth_unavailable: { resource, jwt: { issuer: "i", jwks: "http://localhost:1/" } },
    invalid_token: { resource, keys: true },
  };
  const settings = {
    auth: auth[refusal ?? ""] ?? "none",
    limits: refusal === "rate_limited" ? {} : "none",
    origins: [{ name: "a", url: `http://127.0.0.1:${port}` }],
    edge: { waitSeconds: 0 },
  };
  return bindings(settings, { ADDRESS_LIMIT: unlimited, USER_LIMIT: spent });
}

async function answerOf(
  vector: Pick<Vector, "header" | "request" | "ledger" | "outcome" | "told" | "refusal">,
): Promise<Response> {
  const { header, request, outcome, told = true, refusal } = vector;
  const env = bound(vector);
  edgeOf(env).monitor.learnLedgers({ a: vector.ledger ?? true });
  if (refusal === "overloaded") {
    edgeOf(env)
      .budget.lease([], Date.now())
      .take(32 * MIB, 0);
  }
  if (outcome === "held") {
    const call = Array.isArray(request) ? request.at(-1) : request;
    const body = new TextEncoder().encode(JSON.stringify(call));
    edgeOf(env).undelivered.add("local", { query: "?answer=full", headers: new Headers(), body });
  }
  const answer = outcome === "mayHaveRun" ? "reset" : "full";
  const sent = new Request(
    `http://localhost/mcp?answer=${answer}&errors${told ? "" : "&refuses"}`,
    {
      method: "POST",
      headers: {
        Host: "localhost",
        Authorization: "Bearer a.b.c",
        ...(header === undefined ? {} : { "Idempotency-Key": header }),
      },
      body: typeof request === "string" ? request : JSON.stringify(request),
    },
  ) as Request<unknown, IncomingRequestCfProperties>;
  const ctx = createExecutionContext();
  const response = await worker.fetch(sent, env, ctx);
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

describe("a caller that is not let in", () => {
  const ours = "mcpist-01a2125b-25e8-7353-b1dd-1ab07c03a0d1";
  it.each([
    [{}, { sending: "first", effect: "none" }],
    [{ header: ours }, { sending: "again", effect: "possible", idempotencyKey: ours }],
    [{ header: "mine" }, { sending: "unknown", effect: "possible", idempotencyKey: "mine" }],
  ])("learns with 401 what is known of its call: %j", async (key, known) => {
    const call = { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "save" } };
    const vector = { ...key, request: call, outcome: "refused", refusal: "invalid_token" } as const;
    const response = await answerOf(vector);
    expect(response.status).toBe(401);
    const { error } = (await response.json()) as { error: { data: object } };
    const named = "idempotencyKey" in known ? { keyUntil: expect.any(String) } : {};
    const callId = expect.any(String);
    expect(error.data).toEqual({ code: "invalid_token", callId, ...known, ...named });
  });
});
