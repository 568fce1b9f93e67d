import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { HELD_BYTES } from "../src/call/shares";
import type { Env } from "../src/config/secrets";
import { type Edge, edgeOf } from "../src/edge";
import worker from "../src/index";
import { bindings } from "./bindings";

const MODERN = { "MCP-Protocol-Version": "2026-07-28" };
const port = inject("originPort");

let number = 0;
let bound: Env;
let edge: Edge;

beforeEach(() => {
  configure({});
});

afterEach(() => {
  vi.useRealTimers();
});

/** After it, notices are not told any more. */
function aMinutePasses(): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_001 });
}

function configure(settings: object, at = port): void {
  const origins = [
    { name: "a", url: `http://127.0.0.1:${at}` },
    { name: "b", url: `http://localhost:${at}` },
  ];
  bound = bindings({ origins, edge: settings });
  edge = edgeOf(bound);
}

const save = (text: string, id = 1, meta = {}) =>
  JSON.stringify({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "save", arguments: { text }, _meta: meta },
  });

/** A query that no other test has. */
const query = (answer: string) => `${answer}&test=${++number}`;

interface Sent {
  readonly answered: Promise<Response>;
  readonly over: () => Promise<void>;
}

function send(to: string, body: string, init: RequestInit = {}): Sent {
  const ctx = createExecutionContext();
  const request = new Request(`http://localhost/mcp?${to}`, { method: "POST", body, ...init });
  return {
    answered: worker.fetch(
      request as Request<unknown, IncomingRequestCfProperties>,
      bound,
      ctx,
    ) as Promise<Response>,
    over: () => waitOnExecutionContext(ctx),
  };
}

async function answer(to: string, body: string, init: RequestInit = {}): Promise<Response> {
  const sent = send(to, body, init);
  const response = await sent.answered;
  const whole = new Response(await response.bytes(), response);
  await sent.over();
  return whole;
}

const ask = async (path: string) => await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
const seen = async (to: string) => Number(await ask(`/seen?${to}`));
const told = async (to: string) => JSON.parse(await ask(`/told?${to}`)) as Record<string, string>[];

describe("a call is undelivered", () => {
  it.each([
    ["2026-07-28", MODERN],
    ["2025-11-25", {}],
  ])("that its client of revision %s leaves before the answer", async (_, headers) => {
    const client = new AbortController();
    const to = query("answer=waits");
    const sent = send(to, save("a"), { headers, signal: client.signal });
    await expect.poll(() => seen(to)).toBe(1);
    client.abort();
    await expect.poll(() => told(to)).toHaveLength(1);
    await ask(`/go?${to}`);
    await sent.over();
    const [notice] = await told(to);
    expect(notice).toMatchObject({
      "x-undelivered": "true",
      "x-user-id": "local",
      "x-attempt": "1",
      "x-gateway-secret": "secret",
      "content-length": String(save("a").length),
    });
    const ends = Date.now() + edge.config.forwarding.idleTimeoutMillis;
    expect(Number(notice?.["x-deadline"])).toBeLessThanOrEqual(ends);
    expect(await seen(to)).toBe(1);
  });

  it("that its client leaves in the middle of its events", async () => {
    const to = query("answer=steps");
    const sent = send(to, save("a"));
    const reader = ((await sent.answered).body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toContain("progress");
    await reader.cancel();
    await ask(`/go?${to}`);
    await sent.over();
    expect(await told(to)).toHaveLength(1);
  });

  it("with no more of its client's header than an origin needs to know it again", async () => {
    configure({ waitSeconds: 0 });
    const to = query("answer=reset");
    const named = {
      ...MODERN,
      "Mcp-Method": "tools/call",
      "Mcp-Name": "save",
      Authorization: "Bearer mine",
    };
    const rest = { Cookie: "x".repeat(4_000), "X-Any": "any", "Content-Type": "text/plain" };
    await answer(to, save("a"), { headers: { ...named, ...rest } });
    const [notice] = await told(to);
    expect(notice).toMatchObject({
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "save",
      authorization: "Bearer mine",
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "accept-encoding": "identity",
    });
    expect(notice).not.toHaveProperty("cookie");
    expect(notice).not.toHaveProperty("x-any");
  });

  it("whose outcome is unknown, before its client is told so", async () => {
    configure({ waitSeconds: 0 });
    const to = query("answer=reset");
    const response = await send(to, save("a")).answered;
    const [notice] = await told(to);
    const { error } = (await response.json()) as {
      error: { message: string; data: Record<string, string> };
    };
    expect(error.data.code).toBe("outcome_unknown");
    expect(error.message).toContain("it is not done twice");
    expect(notice).toMatchObject({ "x-call-id": error.data.callId, "x-attempt": "2" });
  });

  it.each([
    ["has a key of its client's in its header", save("a"), { "Idempotency-Key": "mine" }, 0],
    ["has one in _meta", save("a", 1, { "com.mcpist/idempotency-key": "mine" }), {}, 0],
    [
      "has one of ours",
      save("a"),
      { "Idempotency-Key": "mcpist-01a2125b-25e8-7353-b1dd-1ab07c03a0d1" },
      1,
    ],
    ["is in a batch", `[{"id":7,"method":"ping"},${save("a")}]`, {}, 1],
    ["calls no tool", '{"id":1,"method":"prompts/list"}', {}, 0],
    ["calls none as its header says", save("a"), { "Mcp-Method": "prompts/list" }, 0],
    ["is not read", "no JSON", {}, 0],
  ])("or is not, where it %s", async (_, body, headers, notices) => {
    configure({ waitSeconds: 0 });
    const to = query("answer=reset");
    await answer(to, body, { headers });
    expect(await told(to)).toHaveLength(notices);
  });

  it("but not to origins that keep no ledger", async () => {
    configure({ waitSeconds: 0 }, inject("foreignPort"));
    const to = query("answer=reset");
    await answer(to, save("a"));
    expect(await told(to)).toEqual([]);
  });

  it("only where an origin may have it", async () => {
    configure({ waitSeconds: 0 });
    const to = query("answer=full");
    await answer(to, save("a"));
    expect(await seen(to)).toBe(2);
    expect(await told(to)).toEqual([]);
  });

  it("never where its client has the answer", async () => {
    for (const to of [query("plain"), query("answer=large"), query("answer=steps")]) {
      await ask(`/go?${to}`);
      const calls = Array.from({ length: 4 }, async () => {
        for (let i = 0; i < 8; i++) {
          expect((await answer(to, save("a"))).headers.get("X-Attempts")).toBe("1");
        }
      });
      await Promise.all(calls);
      expect(await seen(to)).toBe(32);
      expect(await told(to)).toEqual([]);
    }
  });
});

describe("a caller's next call", () => {
  it("waits until an origin has taken what it is told", async () => {
    const client = new AbortController();
    const to = query("answer=waits&deaf=5");
    const lost = send(to, save("a"), { headers: MODERN, signal: client.signal });
    await expect.poll(() => seen(to)).toBe(1);
    client.abort();
    await expect.poll(() => told(to)).not.toEqual([]);
    await answer(query("plain"), save("a", 2));
    expect(await told(to)).toHaveLength(6);
    await lost.over();
  });

  it("tells it where the one before can no more", async () => {
    const to = query("plain");
    edge.undelivered.add("local", {
      query: `?${to}`,
      headers: new Headers({ "X-Undelivered": "true" }),
      body: new Uint8Array(1),
    });
    edge.undelivered.add("another", {
      query: "",
      headers: new Headers(),
      body: new Uint8Array(),
    });
    await answer(to, save("a"));
    expect(await told(to)).toHaveLength(1);
  });

  it("does not wait where it is another call", async () => {
    configure({ waitSeconds: 30 });
    const notice = edge.undelivered.add("local", {
      query: `?${query("deaf=1000")}`,
      headers: new Headers({ "X-Undelivered": "true" }),
      body: new TextEncoder().encode(save("b")),
    });
    notice.next = Number.POSITIVE_INFINITY; // Nobody tells it.
    const sent = send(query("plain"), save("a"));
    expect((await sent.answered).headers.get("X-Served-By")).toBe("a");
    await (await sent.answered).text();
    expect(notice.end).toBeNull();
    aMinutePasses();
    await sent.over();
  });

  const untellable = (body: string, how = "deaf=1000") =>
    edge.undelivered.add("local", {
      query: `?${query(how)}`,
      headers: new Headers({ "X-Undelivered": "true" }),
      body: new TextEncoder().encode(body),
    });

  it("finds all that a notice keeps in the budget until the notice ends", async () => {
    const hasRoom = (bytes: number) => {
      const lease = edge.budget.lease([], Date.now());
      const room = lease.take(bytes, 0) === null;
      lease.give();
      return room;
    };
    const body = save("a".repeat(40_000));
    const notice = untellable(body);
    notice.headers.set("Authorization", "x".repeat(10_000));
    const text = [...notice.headers, [notice.query], [...notice.calls]].flat().join("");
    expect(text.length).toBeGreaterThan(10_000);
    const bytes = body.length + text.length;
    const lease = edge.budget.lease([], Date.now());
    lease.take(2 * bytes, 0);
    edge.undelivered.hold(notice, lease);
    lease.giveBack(body.length);
    expect(hasRoom(HELD_BYTES - bytes)).toBe(true);
    expect(hasRoom(HELD_BYTES - bytes + 1)).toBe(false);
    aMinutePasses();
    await answer(query("plain"), save("b"));
    expect(hasRoom(HELD_BYTES)).toBe(true);
  });

  it.each([
    ["as it is", save("a"), save("a", 10_000)],
    [
      "with other spaces and escapes",
      save("a"),
      save("a", 2).replaceAll(",", " , ").replace("text", "t\\u0065xt"),
    ],
    ["after a batch", `[{"id":7,"method":"ping"},${save("b")},${save("a")}]`, save("a", 2)],
    ["in a batch", save("a"), `[${save("b", 2)},${save("a", 3)}]`],
  ])("is not sent before an origin knows of an equal one, %s", async (_, first, again) => {
    configure({ waitSeconds: 1 });
    untellable(first);
    const to = query("plain");
    const answers = [await (await answer(to, again)).json()].flat() as {
      error: { data: Record<string, string> };
    }[];
    for (const { error } of answers) {
      expect(error.data).toMatchObject({ code: "origin_unavailable", effect: "possible" });
    }
    expect(await seen(to)).toBe(0);
    expect((await answer(to, save("b", 4))).status).toBe(200);
    expect(await seen(to)).toBe(first.includes('"b"') ? 0 : 1);
  });

  it("is sent when an origin knows of an equal one", async () => {
    const notice = untellable(save("a"), "deaf=5");
    const to = query("plain");
    expect((await answer(to, save("a", 2))).headers.get("X-Served-By")).toBe("a");
    expect([notice.end, await seen(to)]).toEqual(["known", 1]);
  });

  it("is sent where an origin refuses the notice as it would the call, not where a platform does", async () => {
    configure({ waitSeconds: 1 });
    const platforms = untellable(save("a"), "platform");
    await answer(query("plain"), save("a", 2));
    expect(platforms.end).toBeNull();
    const origins = untellable(save("b"), "refuses");
    const to = query("plain");
    await answer(to, save("b", 2));
    expect([origins.end, await seen(to)]).toEqual(["refused", 1]);
  });

  it("is another one where its client has named it", async () => {
    configure({ waitSeconds: 1 });
    untellable(save("a"));
    const to = query("plain");
    await answer(to, save("a", 2), { headers: { "Idempotency-Key": "mine" } });
    expect(await seen(to)).toBe(1);
  });

  it("waits for one that is the same, of which it is not known whether it is delivered", async () => {
    const to = query("answer=waits");
    const first = send(to, save("a", 1));
    await expect.poll(() => seen(to)).toBe(1);
    const [same, other, keyed] = [query("same"), query("other"), query("keyed")];
    const second = send(same, save("a", 10_000, { progressToken: 7 }));
    await answer(other, save("b"));
    await answer(keyed, save("a"), { headers: { "Idempotency-Key": "mine" } });
    expect(await seen(same)).toBe(0);
    await ask(`/go?${to}`);
    expect(await (await first.answered).json()).toMatchObject({ id: 1 });
    expect((await second.answered).status).toBe(200);
    expect(await told(to)).toEqual([]);
  });
});

describe("a call that waits for an equal one", () => {
  it("then looks for an origin for as long as any other", async () => {
    const enter = vi.spyOn(edge.undelivered, "enter");
    const to = query("answer=waits");
    const first = send(to, save("a", 1));
    await expect.poll(() => seen(to)).toBe(1);
    const same = query("answer=full");
    const second = send(same, save("a", 2));
    let over = false;
    void second.answered.then(() => {
      over = true;
    });
    await expect.poll(() => enter.mock.calls.length).toBe(2);
    aMinutePasses();
    await expect.poll(async () => over || (await seen(same)) > 2).toBe(true);
    expect(await seen(same)).toBeGreaterThan(2);
    aMinutePasses();
    expect(await (await second.answered).json()).toMatchObject({ error: {} });
    await ask(`/go?${to}`);
    expect(await (await first.answered).json()).toMatchObject({ id: 1 });
    await Promise.all([first.over(), second.over()]);
  });

  it.each([
    ["2026-07-28", MODERN],
    ["2025-11-25", {}],
  ])("is not sent where its client of revision %s has left", async (_, headers) => {
    const to = query("answer=waits");
    const first = send(to, save("a", 1));
    await expect.poll(() => seen(to)).toBe(1);
    const client = new AbortController();
    const same = query("same");
    const second = send(same, save("a", 2), { headers, signal: client.signal });
    client.abort();
    await ask(`/go?${to}`);
    expect(await (await first.answered).json()).toMatchObject({ id: 1 });
    await Promise.all([first.over(), second.over()]);
    expect(await seen(same)).toBe(0);
  });
});

describe("an origin's refusal", () => {
  it.each([
    ["that answers its request", "answer=refused", 200],
    ["that answers none", "answer=refused&plainly", 429],
  ])("%s is passed on with its status, or as an answer", async (_, how, status) => {
    const response = await answer(query(how), save("a"));
    expect([response.status, response.headers.get("Retry-After")]).toEqual([status, "7"]);
    expect(await response.text()).toContain("rate_limited");
  });
});
