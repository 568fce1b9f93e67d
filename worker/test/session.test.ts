import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { beforeEach, describe, expect, inject, it } from "vitest";
import { MovedSessions } from "../src/call/moved-sessions";
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

  it("whose initialize is too long ends with its origin", async () => {
    const params = { clientInfo: { name: "x".repeat(2_000) } };
    const { response } = await send({ ...INITIALIZE, params }, null);
    const session = response.headers.get(SESSION);
    expect(session).toBe("a~~s1");
    await make("a", "forget");
    expect((await send(CALL, session)).response.status).toBe(404);
  });

  it("is no edge's where its id has another form or no origin's name, or is too long", async () => {
    const find = (id: string | null) => Session.find("local", id, edge.config.origins);
    const long = (length: number) => "a~e30~".padEnd(length, "x");
    const none = [null, "", "no id of an edge", "a~e30", "c~e30~s1", "~e30~s1", long(2_049)];
    expect(none.map(find)).toEqual(none.map(() => null));
    expect(find(long(2_048))?.place).toEqual({ origin: "a", id: long(2_048).slice(6) });
    const { response, text } = await send(CALL, "c~e30~s1");
    expect(response.status).toBe(404);
    expect(JSON.parse(text)).toMatchObject({ result: { session: "c~e30~s1" } });
  });

  it("has an id that an edge finds again, and its origin's where that is too long", () => {
    const opened = (length: number) => {
      const place = { origin: "a", id: "x".repeat(length) };
      return Session.opened("local", place, new TextEncoder().encode(JSON.stringify(INITIALIZE)));
    };
    const whole = opened(100)?.id ?? expect.fail("none");
    expect(Session.find("local", whole, edge.config.origins)?.canMove).toBe(true);
    expect(opened(2_045)?.id).toBe(`a~~${"x".repeat(2_045)}`);
    expect(opened(2_046)).toBeNull();
  });
});

describe("sessions that were opened anew", () => {
  const place = { origin: "a", id: "s1" };
  const id = (number: number) => `a~e30~${number}`.padEnd(1_000, "x");
  const known = (moved: MovedSessions, user: string, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => from + i).filter(
      (i) => moved.get(user, id(i)) !== undefined,
    );

  it("are forgotten where they take too much, the idlest of the user with the most first", () => {
    const moved = new MovedSessions(100_000);
    for (let i = 0; i < 5; i++) {
      moved.set("few", id(i), place);
    }
    for (let i = 0; i < 1_000; i++) {
      moved.set("many", id(i), place);
      moved.get("many", id(0));
      moved.set("many", id(1), place);
    }
    expect(known(moved, "few", 0, 5)).toEqual([0, 1, 2, 3, 4]);
    const left = known(moved, "many", 0, 1_000);
    expect(left.slice(0, 2)).toEqual([0, 1]);
    expect(left.slice(2)).toEqual(Array.from({ length: 72 }, (_, i) => 928 + i));
  });

  it("take nothing where they are forgotten", () => {
    const moved = new MovedSessions(100_000);
    moved.set("user", "long", { origin: "a", id: "x".repeat(100_000) });
    expect(moved.get("user", "long")).toBeUndefined();
    moved.set("user", "short", place);
    expect(moved.get("user", "short")).toBe(place);
  });
});
