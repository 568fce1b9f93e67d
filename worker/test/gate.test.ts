import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, inject, it } from "vitest";
import { readConfig } from "../src/config/config";
import { Authenticator } from "../src/gate/auth/authenticator";
import { Gate } from "../src/gate/gate";
import worker from "../src/index";
import { bindings } from "./bindings";

interface Sent {
  readonly description: string;
  readonly authorization?: readonly string[];
  readonly query?: string;
  readonly verdict: string;
}

const requests = inject("auth")["requests.json"] as readonly Sent[];
const RESOURCE = "https://mcp.example.com/mcp";
const KEY = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";

function sent(headers: Headers, query = ""): Request {
  return new Request(`${RESOURCE}${query}`, { method: "POST", headers });
}

describe("a request", () => {
  it.each(requests.map((c) => [c.description, c] as const))("with %s", async (_, vector) => {
    const headers = new Headers();
    for (const value of vector.authorization ?? []) {
      headers.append("Authorization", value);
    }
    const query = vector.query === undefined ? "" : `?${vector.query}`;
    const authenticator = new Authenticator({ resource: RESOURCE, keys: true, jwt: null }, null);
    const verdict = await authenticator.check(sent(headers, query), createExecutionContext());
    expect(verdict.kind === "admitted" ? verdict.kind : verdict.reason).toBe(vector.verdict);
  });
});

describe("the gate", () => {
  const jwt = { issuer: "i", jwks: "http://localhost:1/" };
  const config = readConfig(
    JSON.stringify({
      origins: [{ name: "a", url: "https://a.example.com" }],
      auth: { resource: RESOURCE, keys: true, jwt },
      limits: { userPerSecond: 5 },
    }),
  );
  const never = { limit: async () => ({ success: false }) };
  const always = { limit: async () => ({ success: true }) };
  const gate = new Gate(config, { ADDRESS_LIMIT: always, USER_LIMIT: never }, null);
  const bearing = (token: string) => sent(new Headers({ Authorization: `Bearer ${token}` }));

  it("stays closed where something happens that nobody has foreseen", async () => {
    const ctx = createExecutionContext();
    ctx.waitUntil = () => {
      throw new Error("the runtime has no room");
    };
    const entry = await gate.enter(bearing("a.b.c"), ctx);
    expect(entry).toEqual({
      kind: "closed",
      refusal: { rejection: "authUnavailable", headers: { "Retry-After": "5" } },
    });
  });

  it("tells what a user may do as it is counted", async () => {
    const entry = await gate.enter(bearing(KEY), createExecutionContext());
    expect(entry).toEqual({
      kind: "closed",
      refusal: {
        rejection: "rateLimited",
        headers: {
          "Retry-After": "10",
          "RateLimit-Policy": '"user";q=50;w=10',
          RateLimit: '"user";r=0;t=10',
        },
      },
    });
  });
});

describe("the protected resource's metadata", () => {
  const at = "/.well-known/oauth-protected-resource";
  const origin = `http://127.0.0.1:${inject("originPort")}`;

  it.each([at, `${at}/mcp`])("is not at %s where nobody is asked who calls", async (path) => {
    const query = `metadata=${crypto.randomUUID()}`;
    const request = new Request(`http://localhost${path}?${query}`);
    const ctx = createExecutionContext();
    const response = await worker.fetch(
      request as Request<unknown, IncomingRequestCfProperties>,
      bindings({ origins: [{ name: "a", url: origin }] }),
      ctx,
    );
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "not_found" });
    await waitOnExecutionContext(ctx);
    expect(await (await fetch(`${origin}/seen?${query}`)).text()).toBe("0");
  });
});
