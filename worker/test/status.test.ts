import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import type { Env } from "../src/config/secrets";
import { type Edge, edgeOf } from "../src/edge";
import type { PairEvent } from "../src/event/failovers";
import worker from "../src/index";
import { languageOf } from "../src/status/documents";
import { Traffic } from "../src/status/traffic";
import { bindings } from "./bindings";

const port = inject("originPort");
const mortal = inject("mortalPort");
const BEARER = { Authorization: "Bearer token" };

let bound: Env;
let edge: Edge;

beforeEach(() => {
  set({});
});

afterEach(() => {
  vi.useRealTimers();
});

/** From here on it is an isolate that knows nothing yet. */
function set(more: object, secrets: Env = { ADMIN_TOKEN: "token" }): void {
  const origins = [
    { name: "a", url: `http://127.0.0.1:${port}` },
    { name: "b", url: `http://localhost:${port}` },
  ];
  bound = bindings({ origins, ...more }, secrets);
  edge = edgeOf(bound);
}

async function ask(path: string, headers: object = {}, init: RequestInit = {}): Promise<Response> {
  const ctx = createExecutionContext();
  const all = { Host: "localhost", ...headers };
  const request = new Request(`http://localhost${path}`, { ...init, headers: all });
  const response = await worker.fetch(
    request as Request<unknown, IncomingRequestCfProperties>,
    bound,
    ctx,
  );
  if (response.headers.get("Content-Type") === "text/event-stream") {
    return response;
  }
  const whole = new Response(await response.bytes(), response);
  await waitOnExecutionContext(ctx);
  return whole;
}

const signIn = (token: string, headers: object = {}) =>
  ask("/status/sign-in", headers, { method: "POST", body: new URLSearchParams({ token }) });
const cookieOf = (response: Response) => response.headers.get("Set-Cookie")?.split(";")[0] ?? "";

/** What the stand-in for an origin tells of its request. */
interface Shown {
  readonly headers: Readonly<Record<string, string>>;
  readonly asked: {
    readonly edge: {
      readonly at: string;
      readonly activeSince: string | null;
      readonly origins: readonly Record<string, unknown>[];
    };
  };
}

const shown = async (response: Response) => (await response.json()) as Shown;

describe("a session", () => {
  it("begins with the admin token, and ends", async () => {
    const response = await signIn(" token\n", { Origin: "http://localhost" });
    expect([response.status, response.headers.get("Location")]).toEqual([303, "/status"]);
    expect(response.headers.get("Set-Cookie")).toMatch(
      /^mcpist-status=\d+\.[\w-]{43}; Path=\/status; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    );
    const Cookie = `other=1; ${cookieOf(response)}; another=2`;
    const page = await ask("/status", { Cookie });
    expect(page.status).toBe(200);
    expect((await shown(page)).asked).toMatchObject({ signedIn: true });

    const out = await ask("/status/sign-out", { Cookie }, { method: "POST" });
    expect(out.status).toBe(303);
    expect(out.headers.get("Set-Cookie")).toContain("mcpist-status=; Path=/status; Max-Age=0;");
  });

  it("is not had otherwise", async () => {
    const wrong = await signIn("tokens", { "Accept-Language": "ja" });
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).toContain("管理者トークンが違います");
    const foreign = await signIn("token", { Origin: "https://example.org" });
    expect(foreign.status).toBe(403);
    expect((await signIn("x".repeat(4096))).status).toBe(413);
    const form = await ask("/status");
    expect(form.status).toBe(401);
    expect(form.headers.has("WWW-Authenticate")).toBe(false);
    expect(await form.text()).toContain('<form method="post" action="/status/sign-in">');
    expect((await ask("/status/events")).status).toBe(401);
  });

  it.each([
    ["cross-site", "empty", 403],
    ["cross-site", "iframe", 403],
    ["cross-site", "document", 200],
    ["same-origin", "empty", 200],
  ])("does not help a page of %s that asks for %s", async (site, destination, status) => {
    const headers = { ...BEARER, "Sec-Fetch-Site": site, "Sec-Fetch-Dest": destination };
    expect((await ask("/status", headers)).status).toBe(status);
  });

  it("lasts for twelve hours, and as long as its token does", async () => {
    const Cookie = cookieOf(await signIn("token"));
    const [, expiry, mac] = /=(\d+)\.(.*)/.exec(Cookie) ?? [];
    const forged = `mcpist-status=${Number(expiry) + 1}.${mac}`;
    expect((await ask("/status", { Cookie: forged })).status).toBe(401);
    set({}, { ADMIN_TOKEN: "new, token" });
    expect((await ask("/status", { Cookie })).status).toBe(200);
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Number(expiry) * 1_000 - 1);
    expect((await ask("/status", { Cookie })).status).toBe(200);
    vi.setSystemTime(Number(expiry) * 1_000);
    expect((await ask("/status", { Cookie })).status).toBe(401);
    vi.useRealTimers();
    set({}, { ADMIN_TOKEN: "new" });
    expect((await ask("/status", { Cookie })).status).toBe(401);
  });

  it("is none where there is no admin token", async () => {
    set({}, {});
    expect((await ask("/status", BEARER)).status).toBe(404);
    expect((await signIn("")).status).toBe(404);
  });
});

describe("the page", () => {
  it("is an origin's, of what the isolate knows", async () => {
    const call = { method: "POST", body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' };
    await (await ask("/mcp", {}, call)).text();
    const headers = { ...BEARER, "Accept-Language": "fr, ja;q=0.9, en;q=0.8", "X-Mine": "2" };
    const page = await ask(`/status?call=${"é".repeat(300)}`, headers);
    expect(page.status).toBe(200);
    expect(Object.fromEntries(page.headers)).toEqual({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "script-src 'sha256-x'",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    });
    const { headers: sent, asked } = await shown(page);
    expect(sent).toMatchObject({ "x-gateway-secret": "secret" });
    expect(sent).not.toHaveProperty("authorization");
    expect(sent).not.toHaveProperty("x-mine");
    const state = { state: "healthy", release: null, lastFailure: null };
    const none = { attempts: 0, p50Millis: null, p99Millis: null };
    const millis = expect.any(Number);
    expect(asked).toEqual({
      edge: {
        kind: "worker",
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        activeSince: null,
        origins: [
          { name: "a", active: true, ...state, attempts: 1, p50Millis: millis, p99Millis: millis },
          { name: "b", active: false, ...state, ...none },
        ],
        calls: { answered: 1, failed: 0, replayed: 0 },
      },
      part: "page",
      language: "ja",
      call: "é".repeat(256),
      live: true,
      signedIn: false,
    });
  });

  it("shows what is so now, and that is told", async () => {
    const name = `gone-${crypto.randomUUID()}`;
    const gone = { name, url: "http://127.0.0.1:1" };
    set({ origins: [gone, { name: "b", url: `http://localhost:${port}` }] });
    const { edge: known } = (await shown(await ask("/status", BEARER))).asked;
    const failed = { at: expect.any(String), reason: "/health: connection failed" };
    expect(known.origins).toMatchObject([
      { name, state: "unhealthy", active: false, lastFailure: failed },
      { name: "b", state: "healthy", active: true },
    ]);
    expect(known.activeSince).not.toBeNull();
    const all = (await (await fetch(`http://127.0.0.1:${port}/events`)).json()) as PairEvent[];
    const kinds = all.filter((event) => event.origin === name).map(({ kind }) => kind);
    expect(kinds).toEqual(["failover"]);
  });

  it("is another origin's where the first has none, and else the edge's own", async () => {
    const origins = [{ name: "a", url: `http://127.0.0.1:${mortal}` }];
    set({ origins: [...origins, { name: "b", url: `http://localhost:${port}` }] });
    expect((await ask("/status", BEARER)).status).toBe(200);
    set({ origins });
    edge.pool.observe({ kind: "attemptFailed", origin: "a", reason: "<b>" }, Date.now());
    const page = await ask("/status", BEARER);
    const text = await page.text();
    expect(text).toContain("<h1>No origin renders this page</h1>");
    expect(text).toContain("&lt;b&gt;");
    expect(text).toContain('<meta http-equiv="refresh" content="5">');
    const style = /<style>(.*)<\/style>/.exec(text)?.[1];
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    const policy = page.headers.get("Content-Security-Policy");
    expect(policy).toContain(`'sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}'`);
  });

  it("is none of other servers, which may be well", async () => {
    set({ origins: [{ name: "a", url: `http://127.0.0.1:${inject("foreignPort")}` }] });
    const text = await (await ask("/status", BEARER)).text();
    expect(text).toContain("<h1>No origin renders this page</h1>");
    expect(text).toContain("<td>healthy</td>");
  });

  it("for everybody is there where it is wanted, and names nobody", async () => {
    expect((await ask("/status/public", BEARER)).status).toBe(404);
    set({ publicStatus: true }, {});
    const page = await ask("/status/public?call=x");
    expect(page.headers.get("Cache-Control")).toBe("public, max-age=60");
    expect(page.headers.get("Vary")).toBe("Accept-Language");
    expect((await shown(page)).asked).toMatchObject({ part: "public", call: null, live: false });
    const origins = [{ name: "secret", url: "http://127.0.0.1:1" }];
    set({ publicStatus: true, origins }, {});
    const down = await ask("/status/public", { "Accept-Language": "ja" });
    const text = await down.text();
    expect(text).toContain("<p>停止中</p>");
    expect(text).not.toContain("secret");
  });

  it("for everybody says that calls are answered where no origin renders it", async () => {
    const origins = [{ name: "a", url: `http://127.0.0.1:${mortal}` }];
    set({ publicStatus: true, origins }, {});
    vi.useFakeTimers({ toFake: ["Date"] });
    expect(await (await ask("/status/public")).text()).toContain("<p>Up</p>");
    const asked = vi.spyOn(globalThis, "fetch");
    await ask("/status/public");
    expect(asked).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

describe("the stream", () => {
  const utf8 = new TextDecoder();
  const follow = async (query = "", init: RequestInit = {}) => {
    const { status, headers, body } = await ask(`/status/events${query}`, BEARER, init);
    const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = body?.getReader();
    return { status, headers, reader: reader ?? expect.fail("no body") };
  };

  it("has the page at once, and then as it changes", async () => {
    const { headers, reader } = await follow("?lang=ja");
    expect(headers.get("Content-Type")).toBe("text/event-stream");
    const next = async () => utf8.decode((await reader.read()).value);
    const read = (event: string): Shown =>
      JSON.parse(event.replace(/^(?!data: ).*$|^data: /gm, ""));
    const first = await next();
    expect(first).toMatch(/^retry: 1000\nevent: main\n(data: .*\n)+\n$/);
    expect(read(first).asked).toMatchObject({ part: "main", language: "ja", call: null });
    edge.pool.observe({ kind: "drain", origin: "a" }, Date.now());
    const { asked } = read(await next());
    expect(asked.edge.origins).toMatchObject([{ state: "drained" }, { active: true }]);
    await reader.cancel();
  });

  it("ends before its request has asked for too much", async () => {
    set({ origins: [{ name: "a", url: `http://127.0.0.1:${port}` }] });
    const asked = vi.spyOn(globalThis, "fetch");
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.spyOn(scheduler, "wait").mockImplementation(async (millis) => {
      vi.setSystemTime(Date.now() + (millis ?? 0));
    });
    const { reader } = await follow();
    while (!(await reader.read()).done) {}
    expect(asked.mock.calls.length).toBeGreaterThan(15);
    expect(asked.mock.calls.length).toBeLessThan(32);
    vi.restoreAllMocks();
  });

  it("says that the edge is there while nothing changes", async () => {
    set({ origins: [{ name: "a", url: `http://127.0.0.1:${inject("foreignPort")}` }] });
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.spyOn(scheduler, "wait").mockImplementation(async (millis) => {
      vi.setSystemTime(Date.now() + (millis ?? 0));
    });
    const { reader } = await follow();
    await reader.read();
    const { value } = await reader.read();
    expect(utf8.decode(value)).toBe("event: alive\ndata:\n\n");
    await reader.cancel();
    vi.restoreAllMocks();
  });

  it("has sixteen places, which are free again", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const leaves = new AbortController();
    const all = [await follow("", { signal: leaves.signal })];
    while (all.length < 16) {
      all.push(await follow());
    }
    expect(all.map(({ status }) => status)).toEqual(Array(16).fill(200));
    expect((await follow()).status).toBe(503);
    leaves.abort();
    await all[1]?.reader.cancel();
    const others = [await follow(), await follow()];
    expect(others.map(({ status }) => status)).toEqual([200, 200]);
    expect((await follow()).status).toBe(503);
    for (const { reader } of [...all.slice(2), ...others]) {
      await reader.cancel();
    }
  });
});

describe("a browser's language", () => {
  it.each([
    [null, "en"],
    ["ja", "ja"],
    ["en-US,en;q=0.9,ja;q=0.8", "en"],
    ["ja-JP, en;q=0.9", "ja"],
    ["en;q=0.1, ja-JP;q=0.2, *;q=0.9", "ja"],
    ["de, ja;q=0", "en"],
    ["jam", "en"],
  ])("of %j is %s", (accepted, language) => {
    expect(languageOf(accepted)).toBe(language);
  });
});

describe("an isolate's traffic", () => {
  it("is that of its last 500 attempts", () => {
    const traffic = new Traffic();
    for (let i = 0; i < 10; i++) {
      traffic.attempted("b", 1_000);
    }
    for (let millis = 500; millis > 0; millis--) {
      traffic.attempted("a", millis);
    }
    expect(traffic.at("a")).toEqual({ attempts: 500, p50Millis: 250, p99Millis: 495 });
    expect(traffic.at("b")).toEqual({ attempts: 0, p50Millis: null, p99Millis: null });
    traffic.answered(true, 3);
    expect(traffic.calls).toEqual({ answered: 1, failed: 1, replayed: 1 });
  });
});
