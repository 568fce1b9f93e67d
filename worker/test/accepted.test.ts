import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, inject, it } from "vitest";
import { edgeOf } from "../src/edge";
import { AcceptedCredentials, KEPT_MILLIS, MOST_OF_A_USER } from "../src/gate/accepted";
import { digest } from "../src/gate/auth/api-keys";
import { callerOfKey, callerOfToken, LOCAL } from "../src/gate/auth/caller";
import worker from "../src/index";
import { bindings } from "./bindings";

const KEY = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";
const ANOTHER = "mcpist_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM0-_11i3caD";
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"save"}}';

describe("a credential", () => {
  let now = 5;
  const accepted = new AcceptedCredentials(() => now);
  const alice = callerOfToken("alice", "a");

  it("is accepted by an answer and refused by one", () => {
    for (const status of [400, 401, 403, 404, 429]) {
      accepted.answered(alice, status);
      expect(accepted.has("a")).toBe(false);
    }
    for (const refusal of [401, 403]) {
      accepted.answered(alice, 202);
      accepted.answered(alice, 404);
      expect(accepted.has("a")).toBe(true);
      expect(accepted.has("b")).toBe(false);
      accepted.answered(alice, refusal);
      expect(accepted.has("a")).toBe(false);
    }
    accepted.answered(LOCAL, 200);
    expect(accepted.has(LOCAL.credential)).toBe(false);
  });

  it("is accepted for ten minutes after an answer", () => {
    accepted.answered(alice, 200);
    now += KEPT_MILLIS - 1;
    accepted.answered(alice, 200);
    now += KEPT_MILLIS - 1;
    expect(accepted.has("a")).toBe(true);
    now += 1;
    expect(accepted.has("a")).toBe(false);
  });

  it("takes no room of others, however many a user has", () => {
    accepted.answered(callerOfToken("bob", "b"), 200);
    for (let i = 0; i < 20_000; i++) {
      accepted.answered(callerOfToken("alice", `a${i}`), 200);
    }
    expect(accepted.has("b")).toBe(true);
    expect(accepted.has("a19999")).toBe(true);
    expect(accepted.has(`a${20_000 - MOST_OF_A_USER}`)).toBe(true);
    expect(accepted.has(`a${20_000 - MOST_OF_A_USER - 1}`)).toBe(false);
  });

  it("is forgotten where more users have been accepted since than there is room for", () => {
    for (let i = 0; i < 10_000; i++) {
      accepted.answered(callerOfToken(`user-${i}`, `u${i}`), 200);
    }
    expect(accepted.has("b")).toBe(false);
    expect(accepted.has("u0")).toBe(true);
    expect(accepted.has("u9999")).toBe(true);
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
    await response.text();
    await waitOnExecutionContext(ctx);
    return response.status;
  }

  it("does not count a key that an origin has accepted, and counts all else", async () => {
    const env = boundTo(3);
    expect(await status(env, KEY)).toBe(200);
    expect(await status(env, KEY)).toBe(200);
    expect(counted).toHaveLength(1);
    expect(await status(env, KEY, "/nothing")).toBe(404);
    expect(await status(env, KEY, "/mcp", { Origin: "https://a.example" })).toBe(403);
    expect(counted).toHaveLength(3);
    for (const path of ["/health", "/nothing", "/mcp?access_token=x"]) {
      expect(await status(env, KEY, path)).toBe(429);
    }
    expect(await status(env, ANOTHER)).toBe(429);
    expect(await status(env, null)).toBe(429);
    expect(await status(env, KEY)).toBe(200);
  });

  it("counts a key again that was refused", async () => {
    const env = boundTo(2);
    expect(await status(env, KEY)).toBe(200);
    const caller = callerOfKey(await digest(KEY));
    edgeOf(env).gate.accepted.answered(caller, 401);
    expect(await status(env, KEY)).toBe(200);
    expect(counted).toHaveLength(2);
  });

  it("counts a token again that this edge does not take any more", async () => {
    const env = boundTo(1);
    const { accepted } = edgeOf(env).gate;
    accepted.answered(callerOfToken("alice", await digest("a.b.c")), 200);
    expect(await status(env, "a.b.c")).toBe(401);
    expect(counted).toHaveLength(0);
    expect(await status(env, "a.b.c")).toBe(401);
    expect(await status(env, "a.b.c")).toBe(429);
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
