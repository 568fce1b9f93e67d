import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeEach, describe, expect, inject, it } from "vitest";
import { Session } from "../src/call/session";
import type { Env } from "../src/config/secrets";
import { type Edge, edgeOf } from "../src/edge";
import worker from "../src/index";
import { bindings } from "./bindings";

const port = inject("sessionPort");
const SESSION = "Mcp-Session-Id";
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", clientInfo: { name: "ä", version: "1" } },
};
const CALL = { jsonrpc: "2.0", id: 7, method: "resources/read", params: { uri: "where:" } };

let number = 0;
let bound: Env;
let edge: Edge;

/** Each test has origins of its own: the server tells them apart by their paths. */
beforeEach(() => {
  const origins = ["a", "b"].map((name) => ({
    name,
    url: `http://127.0.0.1:${port}/${++number}/mcp`,
  }));
  bound = bindings({ origins });
  edge = edgeOf(bound);
});

async function send(message: object | null, session: string | null, method = "POST") {
  const headers = new Headers(session === null ? {} : { [SESSION]: session });
  const body = message === null ? null : JSON.stringify(message);
  const ctx = createExecutionContext();
  const request = new Request("http://localhost/mcp", { method, headers, body });
  const sent = request as Request<unknown, IncomingRequestCfProperties>;
  const response = await worker.fetch(sent, bound, ctx);
  const text = await response.text();
  await waitOnExecutionContext(ctx);
  return { response, text };
}

async function open(): Promise<string> {
  const { response } = await send(INITIALIZE, null);
  return response.headers.get(SESSION) ?? expect.fail("no session");
}

/** The origin that has the call, and its id there. */
async function whereIs(session: string): Promise<[string | null, string]> {
  const { response, text } = await send(CALL, session);
  const { result } = JSON.parse(text) as { result: { session: string } };
  return [response.headers.get("X-Served-By"), result.session];
}

/** As one that is started again, or is gone. */
async function make(origin: string, what: "forget" | "vanish" | "return"): Promise<void> {
  const path = edge.config.origins.find(({ name }) => name === origin)?.mcpPath;
  await (await fetch(`http://127.0.0.1:${port}${path}/${what}`)).text();
}

describe("a session", () => {
  it("is the origins' own where they keep a ledger", async () => {
    const params = { ...INITIALIZE.params, clientInfo: { name: "ledger", version: "1" } };
    const { response } = await send({ ...INITIALIZE, params }, null);
    expect(response.headers.get(SESSION)).toBe("s1");
  });

  it("stays where it is, by what its id says", async () => {
    const session = await open();
    expect(session).toMatch(/^a~[A-Za-z0-9_-]+~s1$/);
    expect(await whereIs(session)).toEqual(["a", "s1"]);
  });

  it("is opened anew where its origin has forgotten it", async () => {
    const session = await open();
    await make("a", "forget");
    expect(await whereIs(session)).toEqual(["a", "s2"]);
    expect(await whereIs(session)).toEqual(["a", "s2"]);
  });

  it("is opened at the other origin where its own has gone", async () => {
    const session = await open();
    await make("a", "vanish");
    const [origin, id] = await whereIs(session);
    expect([origin, id]).toEqual(["b", "s1"]);
    await make("a", "return");
    expect(await whereIs(session)).toEqual(["b", "s1"]);
    expect((await send(null, session, "DELETE")).response.status).toBe(200);
  });

  it("whose initialize is too long, or whose id a client has made up, ends with its origin", async () => {
    const params = { clientInfo: { name: "x".repeat(2_000) } };
    const { response } = await send({ ...INITIALIZE, params }, null);
    const session = response.headers.get(SESSION);
    expect(session).toBe("a~~s1");
    await make("a", "forget");
    expect((await send(CALL, session)).response.status).toBe(404);
    expect(Session.find("local", "no id of an edge")).toBeNull();
  });
});
