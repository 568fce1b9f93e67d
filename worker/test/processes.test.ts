import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import type { Config, Origin } from "../src/config/config";
import type { Env } from "../src/config/secrets";
import { type Edge, edgeOf } from "../src/edge";
import { digest } from "../src/gate/auth/api-keys";
import { callerOfKey } from "../src/gate/auth/caller";
import worker from "../src/index";
import { watchOrigins } from "../src/monitor/cron";
import { Monitor, prober } from "../src/monitor/monitor";
import { OriginPool } from "../src/monitor/origin-pool";
import { probe } from "../src/monitor/probe";
import { Store } from "../src/monitor/store";
import { bindings } from "./bindings";

const HOUR = 3_600_000;
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"save"}}';
const KEY = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";
const port = inject("mortalPort");

let bound: Env;
let edge: Edge;

beforeEach(() => {
  const origins = [
    { name: "a", url: `http://127.0.0.1:${port}` },
    { name: "b", url: `http://localhost:${port}` },
  ];
  const auth = { resource: "http://localhost/mcp", keys: true };
  bound = bindings({ auth, origins }, { ADMIN_TOKEN: "token" });
  edge = edgeOf(bound);
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function send(path: string, init: RequestInit): Promise<Response> {
  const ctx = createExecutionContext();
  const headers = {
    Host: "localhost",
    Authorization: `Bearer ${KEY}`,
    ...(init.headers as object),
  };
  const request = new Request(`http://localhost${path}`, { ...init, headers });
  const response = await worker.fetch(
    request as Request<unknown, IncomingRequestCfProperties>,
    bound,
    ctx,
  );
  const whole = new Response(await response.bytes(), response);
  await waitOnExecutionContext(ctx);
  return whole;
}

const call = (query: string) => send(`/mcp?${query}`, { method: "POST", body: CALL });
const seen = async (query: string) =>
  Number(await (await fetch(`http://127.0.0.1:${port}/seen?${query}`)).text());
const status = async () =>
  await (await send("/api/edge/status", { headers: { Authorization: "Bearer token" } })).json();

/** Sets the clock forward. */
function pass(millis: number): void {
  const now = Date.now;
  vi.spyOn(Date, "now").mockImplementation(() => now() + millis);
}

interface Answer {
  readonly result: {
    readonly attempt: string;
    readonly deadline: string;
    readonly callId: string;
  };
}

describe("a deadline", () => {
  it("is by the database's clock, as an origin tells it", async () => {
    await call("first");
    const skew = edge.monitor.skewMillis ?? expect.fail("nothing is known");
    expect(Math.abs(skew - HOUR)).toBeLessThan(60_000);
    const before = Date.now();
    const { result } = (await (await call("second")).json()) as Answer;
    const deadline = Number(result.deadline) + skew - edge.config.forwarding.attemptMillis;
    expect(deadline).toBeGreaterThanOrEqual(before);
    expect(deadline).toBeLessThanOrEqual(Date.now());
    expect(await status()).toMatchObject({ clockSkewMillis: edge.monitor.skewMillis });
  });

  it("is so from an isolate's first call on, where cron has found a skew", async () => {
    const store = new Store(bound.STATE as KVNamespace, ["a", "b"]);
    const ctx = createExecutionContext();
    await watchOrigins(edge.config, store, prober(ctx, "secret"));
    await waitOnExecutionContext(ctx);
    await edge.lookNow();
    expect(Math.abs((edge.monitor.skewMillis ?? 0) - HOUR)).toBeLessThan(60_000);
  });
});

describe("a call's id", () => {
  it("has the time of the database's clock, by which the ledger judges how old the call is", async () => {
    await call("first");
    const skew = edge.monitor.skewMillis ?? expect.fail("nothing is known");
    expect(Math.abs(skew - HOUR)).toBeLessThan(60_000);
    const before = Date.now();
    const { result } = (await (await call("second")).json()) as Answer;
    const time = Number.parseInt(result.callId.replace("-", "").slice(0, 12), 16) + skew;
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });
});

describe("an origin without a database connection", () => {
  it("is not blamed, and the call, which has not run, goes on", async () => {
    const response = await call("answer=busy");
    const { result } = (await response.json()) as Answer;
    expect(response.headers.get("X-Attempts")).toBe("4");
    expect(result.attempt).toBe("1");
    expect(edge.pool.state.origins.map((o) => o.lastFailure)).toEqual([null, null]);
  });
});

describe("a refusal", () => {
  it.each([400, 401, 403, 404, 413, 429])(
    "with %s does not make a call that may have run one that may be sent again",
    async (status) => {
      const query = `answer=refused-later&status=${status}`;
      const answered = call(query);
      await expect.poll(() => seen(query)).toBeGreaterThan(2);
      pass(edge.config.forwarding.waitMillis);
      const response = await answered;
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ error: { data: { code: "outcome_unknown" } } });
      expect(Number(response.headers.get("X-Attempts"))).toBeGreaterThan(2);
      expect(edge.pool.state.origins.map((o) => o.lastFailure)).toContain(null);
    },
  );
});

describe("what answers in an origin's place", () => {
  it.each([
    [200, "answer=stopped", "2"],
    [302, "answer=stopped", "2"],
    [404, "answer=stopped", "2"],
    [200, "answer=stops", "1"],
    [404, "answer=stops", "1"],
  ])("with %i (%s) does not answer the call", async (status, how, attempts) => {
    await call("first"); // From here on it is known that the origins keep a ledger.
    const query = `${how}&status=${status}`;
    const response = await call(query);
    expect([response.status, response.headers.get("X-Attempts")]).toEqual([200, attempts]);
    const text = await response.text();
    expect(text).toContain('"callId"');
    expect(text).not.toContain("of a platform");
    expect(await seen(query)).toBe(attempts === "2" ? 2 : 3);
    const blamed = edge.pool.state.origins.filter((o) => o.lastFailure !== null);
    expect(blamed).toHaveLength(how === "answer=stops" ? 1 : 0);
  });

  /** Has a platform answer in the place of the origin a, and the process at the port as the origin b. */
  async function stop(status: number, other: number): Promise<void> {
    const platform = inject("platformPort");
    await fetch(`http://127.0.0.1:${platform}/becomes?${status}`);
    const origins = [
      { name: "a", url: `http://127.0.0.1:${platform}` },
      { name: "b", url: `http://localhost:${other}` },
    ];
    bound = bindings({ origins, edge: { waitSeconds: 0 } });
    edge = edgeOf(bound);
    edge.monitor.learnLedgers({ a: true, b: true });
  }

  it.each([200, 302, 403, 502])("with %i is no answer to GET /health", async (status) => {
    await stop(status, port);
    const well = await send("/health", {});
    expect([well.status, await well.json()]).toMatchObject([200, { status: "ok" }]);
    await stop(status, inject("platformPort"));
    const unwell = await send("/health", {});
    expect([unwell.status, await unwell.text()]).toEqual([503, '{"status":"unhealthy"}']);
  });

  it.each([200, 502])("with %i does not show that the origin lives", async (status) => {
    await stop(status, port);
    expect((await call("in its place")).headers.get("X-Served-By")).toBe("b");
    expect(edge.monitor.answeredAt("b")).toBeGreaterThan(0);
    expect(edge.monitor.answeredAt("a")).toBe(0);
  });
});

describe("a probe", () => {
  const below = (at: number, path: string, mcpPath = "/mcp") => ({
    name: "a",
    url: `http://127.0.0.1:${at}${path}`,
    mcpPath,
    drained: false,
  });
  const stopped = () => below(port, "/stopped");

  /** The configuration of an edge that has this origin alone. */
  const configOf = (origin: Origin): Config => ({ ...edge.config, origins: [origin] });

  /** Returns what is known of the ledgers once the origin has answered a probe. */
  async function ledgersAfterProbe(
    origin: Origin,
    before: Record<string, boolean>,
    after: Record<string, boolean> = {},
  ) {
    const config = configOf(origin);
    const monitor = new Monitor(config, new OriginPool(config, Date.now()));
    monitor.learnLedgers(before);
    await monitor.find("a", prober(createExecutionContext(), "secret"));
    expect(monitor.answeredAt("a")).toBeGreaterThan(0);
    monitor.learnLedgers(after);
    return monitor.ledgers;
  }

  it("takes a refusal for a server that asks who calls, but not for an origin that keeps a ledger", async () => {
    const ask = async (keepsCalls: boolean) =>
      await probe(stopped(), edge.config.monitor, "secret", keepsCalls);
    expect(await ask(false)).toMatchObject({ failure: null, ledger: null });
    expect((await ask(true)).failure).toBe("no MCP at /mcp: code 403");
  });

  it.each([
    ["of an origin that is asked by MCP says that it keeps a ledger", "originPort", "/bare", true],
    ["that a server answers well, without the header, takes it back", "foreignPort", "", false],
  ] as const)("%s", async (_, name, path, keeps) => {
    const origin = below(inject(name), path, path === "" ? "/old/mcp" : "/mcp");
    expect(await ledgersAfterProbe(origin, { a: true })).toEqual({ a: keeps });
    expect(await ledgersAfterProbe(origin, {})).toEqual({ a: keeps });
  });

  it("fails that a server without a ledger refuses in the place of an origin with one", async () => {
    const ask = async (keepsCalls: boolean) => {
      const origin = below(inject("sessionPort"), "", "/old/mcp");
      return await probe(origin, edge.config.monitor, "secret", keepsCalls);
    };
    expect(await ask(true)).toMatchObject({ failure: "no MCP at /old/mcp: code 400" });
    expect(await ask(false)).toMatchObject({ failure: null, ledger: null });
  });

  it("that is only refused gives way to what all isolates share, and to nothing else", async () => {
    const foreign = below(inject("foreignPort"), "");
    expect(await ledgersAfterProbe(stopped(), {}, { a: true })).toEqual({ a: true });
    expect(await ledgersAfterProbe(stopped(), {}, { b: true })).toEqual({ a: false });
    expect(await ledgersAfterProbe(foreign, {}, { a: true })).toEqual({ a: false });
  });

  it("of the cron trigger does not take back that a stopped origin keeps a ledger", async () => {
    const config = configOf(stopped());
    const store = new Store(bound.STATE as KVNamespace, ["a"]);
    await store.writeLedgers({ a: true });
    const wait = scheduler.wait.bind(scheduler);
    const betweenProbes = 10_000;
    vi.spyOn(scheduler, "wait").mockImplementation((millis = 0) =>
      wait(millis === betweenProbes ? 0 : millis),
    );
    const ctx = createExecutionContext();
    expect(await watchOrigins(config, store, prober(ctx, "secret"))).toBe(true);
    await waitOnExecutionContext(ctx);
    expect((await store.read()).ledgers).toEqual({ a: true });
    await bound.STATE?.delete("health");
  });
});

describe("a call under which processes die", () => {
  it("is not sent to a third, and its user is held to one call at once", async () => {
    await call("first"); // From here on it is known which processes there are.
    const response = await call("answer=poison");
    const { error } = (await response.json()) as { error: { data: Record<string, string> } };
    expect([response.status, response.headers.get("X-Attempts")]).toEqual([200, "2"]);
    expect(error.data.code).toBe("outcome_unknown");
    expect(await seen("answer=poison")).toBe(2);
    const { callId } = error.data;
    const caller = callerOfKey(await digest(KEY));
    const entry = { callId, tool: "save", user: caller.userId, bytes: CALL.length };
    expect(await status()).toMatchObject({ quarantined: [entry] });

    const headers = { "Idempotency-Key": error.data.idempotencyKey ?? "" };
    pass(5_000);
    const again = await send("/mcp?answer=poison", { method: "POST", body: CALL, headers });
    expect(await again.json()).toMatchObject({ error: { data: { code: "outcome_unknown" } } });
    expect(await seen("answer=poison")).toBe(4);

    const pending = edge.lease(new Request("http://localhost"), caller);
    const held = await call("beside");
    expect(held.headers.get("Retry-After")).toBe("1");
    expect(await held.json()).toMatchObject({ error: { data: { code: "rate_limited" } } });
    pending.give();
    expect((await call("alone")).status).toBe(200);
  });

  it("is told from one whose connection is reset", async () => {
    await call("first");
    const response = await call("answer=reset");
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Attempts")).toBe("4");
    expect(edge.quarantine.calls).toEqual([]);
  });
});
