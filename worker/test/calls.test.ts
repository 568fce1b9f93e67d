import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { Attempt, AttemptFailed } from "../src/call/attempt";
import { Budget } from "../src/call/budget";
import { hold } from "../src/call/held-answer";
import type { Env } from "../src/config/secrets";
import { type Edge, edgeOf } from "../src/edge";
import worker from "../src/index";
import { bindings } from "./bindings";

const MIB = 1024 * 1024;
/** What large bodies may take of an isolate's budget. */
const ALL_FOR_LARGE = 24 * MIB;
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"save"}}';
const port = inject("originPort");
const url = (query: string) => `http://127.0.0.1:${port}/mcp?${query}`;
const origins = [
  { name: "a", url: `http://127.0.0.1:${port}` },
  { name: "b", url: `http://localhost:${port}` },
];

let bound: Env;
let edge: Edge;

beforeEach(() => {
  bound = bindings({ origins });
  edge = edgeOf(bound);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** From here on time is what the test says, and so it is for an attempt's timer; what else is waited for goes on as it is. */
function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
}

function pass(millis: number): void {
  vi.advanceTimersByTime(millis);
}

/** From here on a wait of half a second or more, as for KV, ends with this and not by the clock. */
function endLongWaits(when: Promise<void>): void {
  const wait = scheduler.wait.bind(scheduler);
  vi.spyOn(scheduler, "wait").mockImplementation((millis, options) =>
    millis < 500 ? wait(millis, options) : when,
  );
}

function post(
  query: string,
  init: RequestInit = {},
): Request<unknown, IncomingRequestCfProperties> {
  const headers = { "Content-Type": "application/json", ...(init.headers as object) };
  return new Request(`http://localhost/mcp?${query}`, {
    method: "POST",
    body: CALL,
    ...init,
    headers,
  }) as Request<unknown, IncomingRequestCfProperties>;
}

async function seen(query: string): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/seen?${query}`)).text());
}

function nothingIsHeld(): boolean {
  const lease = edge.budget.lease([], Date.now());
  const room = lease.take(ALL_FOR_LARGE, ALL_FOR_LARGE);
  lease.give();
  return room === null;
}

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done) {}
}

describe("a client", () => {
  it.each(["long", "events"])(
    "that takes in but the beginning of an answer (%s) does not hold its call beyond the deadline",
    async (answer) => {
      stopTheClock();
      const ctx = createExecutionContext();
      const response = await worker.fetch(post(`answer=${answer}`), bound, ctx);
      expect(response.status).toBe(200);
      const reader = (response.body as ReadableStream).getReader({ mode: "byob" });
      await reader.read(new Uint8Array(1));
      expect(nothingIsHeld()).toBe(false);

      pass(edge.config.forwarding.attemptMillis + 1);
      await waitOnExecutionContext(ctx);

      expect(nothingIsHeld()).toBe(true);
      await expect(reader.read(new Uint8Array(1))).rejects.toThrow();
    },
  );

  it.each([
    ["answer=drips", 9],
    ["answer=drips&short", 0],
  ])("whose answer reaches its deadline half-way (%s) is cut off", async (answer, mebibytes) => {
    edge.monitor.learnLedgers({ a: true, b: true });
    stopTheClock();
    const ctx = createExecutionContext();
    const answered = worker.fetch(post(answer), bound, ctx);
    await expect.poll(() => seen(answer)).toBe(1);
    const reader = mebibytes > 0 ? (await answered).body?.getReader() : undefined;
    for (let left = mebibytes * MIB; left > 0; ) {
      left -= (await reader?.read())?.value?.length ?? expect.fail("too short");
    }

    pass(edge.config.forwarding.attemptMillis + 1);
    if (reader === undefined) {
      expect((await answered).headers.has("X-Served-By")).toBe(false);
    } else {
      await expect(readToEnd(reader)).rejects.toThrow();
    }
    await waitOnExecutionContext(ctx);
    expect(nothingIsHeld()).toBe(true);
  });

  it("that does not take in how its events end does not hold its call", async () => {
    const url = `http://127.0.0.1:${inject("foreignPort")}`;
    bound = bindings({ origins: [{ name: "a", url }] });
    edge = edgeOf(bound);
    endLongWaits(Promise.resolve());
    const ctx = createExecutionContext();
    const response = await worker.fetch(post("answer=halts"), bound, ctx);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("notifications");

    await waitOnExecutionContext(ctx);

    expect(nothingIsHeld()).toBe(true);
    await expect(readToEnd(reader)).rejects.toThrow();
  });

  it("that reads events gets all of them", async () => {
    const ctx = createExecutionContext();
    const response = await worker.fetch(post("answer=events&read"), bound, ctx);
    expect((await response.text()).match(/^data: /gm)).toHaveLength(25);
    await waitOnExecutionContext(ctx);
    expect(nothingIsHeld()).toBe(true);
  });

  it("gets its events when there is room for them", async () => {
    const other = edge.budget.lease([], Date.now());
    expect(other.take(ALL_FOR_LARGE - MIB, MIB)).toBeNull();
    const ctx = createExecutionContext();
    const response = await worker.fetch(post("answer=events&room"), bound, ctx);
    const text = response.text();
    await expect.poll(() => seen("answer=events&room")).toBeGreaterThan(1);
    other.give();
    expect((await text).match(/^data: /gm)).toHaveLength(25);
    await waitOnExecutionContext(ctx);
    expect(edge.pool.state.origins.map((o) => o.lastFailure)).toEqual([null, null]);
  });

  it("that reads a long answer gets all of it", async () => {
    const ctx = createExecutionContext();
    const response = await worker.fetch(post("answer=long&read"), bound, ctx);
    expect((await response.bytes()).length).toBe(ALL_FOR_LARGE + 2);
    await waitOnExecutionContext(ctx);
    expect(nothingIsHeld()).toBe(true);
  });

  it("that has gone before its call was sent has ended it, whatever its revision", async () => {
    const gone = async (query: string, version: string) => {
      const ctx = createExecutionContext();
      const headers = { "MCP-Protocol-Version": version };
      const request = post(query, { headers, signal: AbortSignal.abort() });
      const { status } = await worker.fetch(request, bound, ctx);
      await waitOnExecutionContext(ctx);
      return status;
    };
    expect(await gone("gone=now", "2026-07-28")).toBe(499);
    expect(await seen("gone=now")).toBe(0);
    await gone("gone=before", "2025-11-25");
    expect(await seen("gone=before")).toBe(0);
  });
});

describe("an answer that has begun", () => {
  const MODERN = { headers: { "MCP-Protocol-Version": "2026-07-28" } };
  const LEGACY = { headers: { "MCP-Protocol-Version": "2025-11-25" } };

  async function textOf(query: string, init: RequestInit): Promise<string> {
    bound = bindings({ origins, edge: { waitSeconds: 0 } });
    edge = edgeOf(bound);
    const ctx = createExecutionContext();
    const text = await (await worker.fetch(post(query, init), bound, ctx)).text();
    await waitOnExecutionContext(ctx);
    return text;
  }

  it.each([
    ["of a client that cannot ask for the rest", "answer=ids", MODERN],
    ["whose last id is empty", "answer=ids&reset", LEGACY],
    ["that breaks off", "answer=halts", LEGACY],
  ])("as events says that there is no result: %s", async (_, query, init) => {
    const text = await textOf(query, init);
    expect(text).toContain('data: {"jsonrpc":"2.0","id":1,"error":');
    expect(text).toContain("outcome_unknown");
  });

  it("as events with ids is left to a client that asks for the rest", async () => {
    expect(await textOf("answer=ids", LEGACY)).toBe("id: 9\ndata:\n\n");
  });

  it("as JSON with nothing but spaces is ended with an error", async () => {
    const answer = JSON.parse(await textOf("answer=spaces", LEGACY));
    expect(answer).toMatchObject({ id: 1, error: { data: { code: "outcome_unknown" } } });
  });
});

describe("a stream that lasts", () => {
  it("holds nothing of its body, and passes whatever its origin says", async () => {
    const padding = " ".repeat(4 * MIB - 1_000);
    const body = `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen"${padding}}`;
    const ctx = createExecutionContext();
    const response = await worker.fetch(post("answer=lasts", { body }), bound, ctx);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    expect(new TextDecoder().decode(value)).toContain('"id":9');
    expect(nothingIsHeld()).toBe(true);
    await reader.cancel();
  });
});

describe("what KV says", () => {
  const served = async () => {
    const ctx = createExecutionContext();
    const response = await worker.fetch(post("kv"), bound, ctx);
    await response.text();
    await waitOnExecutionContext(ctx);
    return response.headers.get("X-Served-By");
  };

  it("is looked at before a call that comes when all that is known is old", async () => {
    stopTheClock();
    endLongWaits(new Promise(() => {}));
    expect(await served()).toBe("a");
    await bound.STATE?.put("drained/a", "true");
    expect(await served()).toBe("a");

    pass(90_001);

    expect(await Promise.all([served(), served(), served()])).toEqual(["b", "b", "b"]);
  });
});

describe("an isolate whose KV does not answer", () => {
  it.each(["throws", "hangs"])("(it %s) goes on by what it knows", async (how) => {
    stopTheClock();
    const { STATE } = bound;
    let away = false;
    const failing = {
      get: async (...asked: Parameters<KVNamespace["get"]>) => {
        if (away && how === "throws") {
          throw new Error("KV is away");
        }
        return away ? await new Promise(() => {}) : await STATE?.get(...asked);
      },
    };
    const admin = { ADMIN_TOKEN: "token", STATE: failing as unknown as KVNamespace };
    bound = bindings({ origins }, admin);
    const timeIsUp = Promise.withResolvers<void>();
    endLongWaits(timeIsUp.promise);
    await STATE?.put("drained/a", "true");
    const served = async () => {
      const response = await worker.fetch(post("kv away"), bound, createExecutionContext());
      await response.text();
      return response.headers.get("X-Served-By");
    };
    expect(await served()).toBe("b");

    away = true;
    timeIsUp.resolve();
    pass(90_001);

    expect(await served()).toBe("b");
    const request = new Request("http://localhost/api/edge/status", {
      headers: { Authorization: "Bearer token" },
    }) as Request<unknown, IncomingRequestCfProperties>;
    const status = await worker.fetch(request, bound, createExecutionContext());
    expect(await status.json()).toMatchObject({ origins: [{ state: "drained" }, {}], cron: null });
    await STATE?.delete("drained/a");
  });
});

describe("what is held of an answer", () => {
  const passedOn = () => Promise.reject(new Error("it is short"));

  it("is given back where the attempt fails", async () => {
    const budget = new Budget(4 * MIB, 60_000);
    const lease = budget.lease([], 0);
    lease.take(100, 100);
    const attempt = new Attempt("a", 1, 60_000, 60_000);
    await attempt.open(url("answer=broken"), "POST", new Headers(), new Uint8Array(1));

    await expect(hold(attempt, lease, 0, passedOn)).rejects.toThrow(AttemptFailed);
    attempt.cancel();

    const rest = budget.lease([], 0);
    expect(rest.take(3 * MIB - 100, 4 * MIB)).toBeNull();
    expect(rest.take(1, 4 * MIB)).toBe("overloaded");
  });

  it("stays held with a whole answer until the call is over", async () => {
    const budget = new Budget(2 * MIB, 60_000);
    const lease = budget.lease([], 0);
    const attempt = new Attempt("a", 1, 60_000, 60_000);
    await attempt.open(url("whole"), "POST", new Headers(), new Uint8Array(1));

    const body = await hold(attempt, lease, 0, passedOn);
    attempt.cancel();

    expect(budget.lease([], 0).take(1.5 * MIB, 2 * MIB)).toBe("overloaded");
    expect(body?.length).toBeGreaterThan(0);
    lease.give();
    expect(budget.lease([], 0).take(1.5 * MIB, 2 * MIB)).toBeNull();
  });
});
