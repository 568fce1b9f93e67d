import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, inject, it } from "vitest";
import { edgeOf } from "../src/edge";
import { digest } from "../src/gate/auth/api-keys";
import { callerOfKey, LOCAL } from "../src/gate/auth/caller";
import { ACCEPTED_MILLIS, KnownKeys, REFUSED_MILLIS } from "../src/gate/known-keys";
import { NewKeys } from "../src/gate/new-keys";
import worker from "../src/index";
import { bindings } from "./bindings";

const KEY = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";
const ANOTHER = "mcpist_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM0-_11i3caD";
const MADE_UP = "mcpist_0123456789-_zyxwvutsrqponmlkjihgfedcbaZYXWV3loJCf";
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"save"}}';

describe("a key", () => {
  let now = 5;
  const keys = new KnownKeys(() => now);
  const alice = callerOfKey("a");
  const bob = callerOfKey("b");

  it("is accepted by an answer and refused by one", () => {
    for (const status of [400, 404, 429]) {
      keys.answered(alice, status);
      expect(keys.accepts(alice) || keys.refuses(alice)).toBe(false);
    }
    for (const refusal of [401, 403]) {
      keys.answered(alice, 202);
      keys.answered(alice, 404);
      expect(keys.accepts(alice)).toBe(true);
      expect(keys.refuses(alice)).toBe(false);
      expect(keys.accepts(bob)).toBe(false);
      keys.answered(alice, refusal);
      expect(keys.accepts(alice)).toBe(false);
      expect(keys.refuses(alice)).toBe(true);
    }
    keys.answered(LOCAL, 200);
    expect(keys.accepts(LOCAL) || keys.refuses(LOCAL)).toBe(false);
  });

  it("is accepted for ten minutes after an answer and refused for one", () => {
    keys.answered(alice, 200);
    now += ACCEPTED_MILLIS - 1;
    keys.answered(alice, 200);
    now += ACCEPTED_MILLIS - 1;
    expect(keys.accepts(alice)).toBe(true);
    now += 1;
    expect(keys.accepts(alice)).toBe(false);
    keys.answered(alice, 401);
    now += REFUSED_MILLIS - 1;
    expect(keys.refuses(alice)).toBe(true);
    now += 1;
    expect(keys.refuses(alice)).toBe(false);
  });

  it("is displaced by accepted ones alone, however many are made up", () => {
    keys.answered(bob, 200);
    for (let i = 0; i < 20_000; i++) {
      keys.answered(callerOfKey(`made up ${i}`), 401);
    }
    expect(keys.accepts(bob)).toBe(true);
    for (let i = 0; i < 10_000; i++) {
      keys.answered(callerOfKey(`good ${i}`), 200);
    }
    expect(keys.accepts(bob)).toBe(false);
    expect(keys.accepts(callerOfKey("good 0"))).toBe(true);
    expect(keys.accepts(callerOfKey("good 9999"))).toBe(true);
  });
});

describe("the new keys of an address", () => {
  let now = 5;

  it("are so many in a minute, without those that are given back", () => {
    const keys = new NewKeys(2, () => now);
    for (let i = 0; i < 10; i++) {
      expect(keys.take("a")).toBeNull();
      keys.giveBack("a");
    }
    expect(keys.take("a")).toBeNull();
    expect(keys.take("a")).toBeNull();
    expect(keys.take("a")).toBe(4);
    expect(keys.take("b")).toBeNull();
    now += 3_000;
    expect(keys.take("a")).toBe(1);
    now += 1_000;
    expect(keys.take("a")).toBeNull();
    expect(keys.take("a")).toBe(4);
    now += 600_000;
    expect(keys.take("a")).toBeNull();
    expect(keys.take("a")).toBeNull();
    expect(keys.take("a")).toBe(4);
  });

  it("are any number where addresses are not counted", () => {
    const keys = new NewKeys(0, () => now);
    for (let i = 0; i < 100; i++) {
      expect(keys.take("a")).toBeNull();
    }
  });
});

describe("the limit of an address", () => {
  const counted: string[] = [];
  const limits = (most: number) => ({
    ADDRESS_LIMIT: {
      limit: async ({ key }: { key: string }) => ({ success: counted.push(key) <= most }),
    },
    USER_LIMIT: { limit: async () => ({ success: true }) },
  });
  const asking = { resource: "http://localhost/mcp", keys: true };
  const origins = [{ name: "a", url: `http://127.0.0.1:${inject("originPort")}` }];

  function boundTo(most: number, settings: object = {}) {
    counted.length = 0;
    return bindings({ auth: asking, limits: {}, origins, ...settings }, limits(most));
  }

  async function status(
    env: ReturnType<typeof bindings>,
    key: string | null,
    path = "/mcp",
    more: Record<string, string> = {},
  ): Promise<number> {
    const authorization = key === null ? {} : { Authorization: `Bearer ${key}` };
    const headers = { Host: "localhost", ...authorization, ...more };
    const init = path.startsWith("/mcp") ? { method: "POST", body: CALL, headers } : { headers };
    const request = new Request(`http://localhost${path}`, init) as Request<
      unknown,
      IncomingRequestCfProperties
    >;
    const ctx = createExecutionContext();
    const response = await worker.fetch(request, env, ctx);
    // A refusal of a call that was read is its JSON-RPC answer.
    const refused = (await response.text()).includes('"rate_limited"');
    await waitOnExecutionContext(ctx);
    return refused ? 429 : response.status;
  }

  it("does not count keys that an origin accepts, and counts all that is no call", async () => {
    const env = boundTo(2);
    for (const key of [KEY, ANOTHER, KEY, ANOTHER]) {
      expect(await status(env, key)).toBe(200);
    }
    expect(counted).toHaveLength(0);
    expect(await status(env, KEY, "/nothing")).toBe(404);
    expect(await status(env, KEY, "/mcp", { Origin: "https://a.example" })).toBe(403);
    expect(counted).toHaveLength(2);
    for (const path of ["/health", "/nothing", "/mcp?access_token=x"]) {
      expect(await status(env, KEY, path)).toBe(429);
    }
    expect(await status(env, null)).toBe(429);
    expect(await status(env, "a.b.c")).toBe(429);
    expect(await status(env, KEY)).toBe(200);
    expect(await status(env, MADE_UP)).toBe(200);
  });

  it("counts a key again that was refused, and a new one apart", async () => {
    const env = boundTo(1, { limits: { addressPerMinute: 1 } });
    expect(await status(env, KEY)).toBe(200);
    const { gate } = edgeOf(env);
    gate.keys.answered(callerOfKey(await digest(KEY)), 401);
    const request = new Request("http://localhost/mcp");
    const refused = await gate.enter(withKey(request, KEY), createExecutionContext());
    expect(refused.kind).toBe("open");
    expect(counted).toHaveLength(1);
    const crowded = await gate.enter(withKey(request, KEY), createExecutionContext());
    expect(crowded).toMatchObject({ kind: "closed", refusal: { rejection: "rateLimited" } });

    const unanswered = await gate.enter(withKey(request, ANOTHER), createExecutionContext());
    expect(unanswered.kind).toBe("open");
    const next = await gate.enter(withKey(request, MADE_UP), createExecutionContext());
    expect(next).toMatchObject({
      kind: "closed",
      refusal: { headers: { "RateLimit-Policy": '"address";q=8;w=60' } },
    });
    expect(counted).toHaveLength(2);
  });

  it("counts everybody where nobody is asked, and where users are not counted", async () => {
    for (const settings of [{ auth: "none" }, { limits: { userPerSecond: 0 } }]) {
      const env = boundTo(2, settings);
      expect(await status(env, KEY)).toBe(200);
      expect(await status(env, KEY)).toBe(200);
      expect(await status(env, KEY)).toBe(429);
    }
  });
});

function withKey(request: Request, key: string): Request {
  return new Request(request, { headers: { Authorization: `Bearer ${key}` } });
}
