import {
  createExecutionContext,
  createScheduledController,
  waitOnExecutionContext,
} from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { edgeOf } from "../src/edge";
import { Failovers, type PairEvent } from "../src/event/failovers";
import worker from "../src/index";
import { prober } from "../src/monitor/monitor";
import type { Observation } from "../src/pool/observation";
import { apply } from "../src/pool/rules";
import { POOL_DEFAULTS } from "../src/pool/settings";
import { starting } from "../src/pool/state";
import { bindings } from "./bindings";

const SKEW = 3_600_000;
const BEGIN = Date.parse("2026-11-28T09:00:00Z");
const MODERN = { "MCP-Protocol-Version": "2026-07-28" };
const port = inject("originPort");

/** An isolate's pool of a and b, at an instant of its own, that sees one thing after the other. */
class Isolate {
  now = BEGIN + SKEW;
  readonly told: PairEvent[] = [];
  readonly failovers = new Failovers(
    (event) => this.told.push(event),
    (instant) => instant - SKEW,
  );
  #pool = starting(["a", "b"], POOL_DEFAULTS, this.now);

  constructor() {
    this.healthy("b");
    this.healthy("a");
  }

  see(seen: Observation): void {
    const before = this.#pool;
    this.#pool = apply(before, seen, this.now).state;
    this.failovers.changed(before, this.#pool, this.now);
  }

  healthy(origin: string): void {
    for (let left = POOL_DEFAULTS.consecutiveUp; left > 0; left--) {
      this.see({ kind: "probeUp", origin });
    }
  }

  fail(origin: string): void {
    this.see({ kind: "attemptFailed", origin, reason: "a call was cut off" });
  }
}

describe("a failover", () => {
  it("has its cause, its times and what calls had of it", () => {
    const isolate = new Isolate();
    isolate.failovers.answered(true, 2, 9_000);
    isolate.fail("a");
    isolate.failovers.answered(false, 1, 40);
    isolate.failovers.answered(false, 2, 1_200);
    isolate.failovers.answered(false, 3, 800);
    isolate.failovers.answered(true, 1, 5_000);
    isolate.healthy("a");
    isolate.now += POOL_DEFAULTS.holdDown;
    isolate.see({ kind: "probeUp", origin: "a" });

    const [running, over, ...more] = isolate.told;
    expect(more).toEqual([]);
    expect(running).toMatchObject({ id: over?.id, message: "b serves", ended: null });
    expect(over).toMatchObject({
      kind: "failover",
      origin: "a",
      message: "b served 3 s, 2 calls replayed, longest wait 1.2 s, 1 failed",
      at: "2026-11-28T09:00:00.000Z",
      ended: "2026-11-28T09:00:03.000Z",
      data: {
        cause: "a call was cut off",
        from: "a",
        to: "b",
        replayed: 2,
        longestWaitMillis: 1_200,
        failed: 1,
        noneMillis: 0,
        end: "recovered",
      },
    });
  });

  it("tells the time apart in which no origin is healthy", () => {
    const isolate = new Isolate();
    isolate.fail("a");
    isolate.now += 2_000;
    isolate.fail("b");
    isolate.now += 5_000;
    isolate.healthy("b");
    isolate.now += 8_000;
    isolate.fail("b");
    isolate.now += 1_500;
    isolate.healthy("a");
    expect(isolate.told.at(-1)?.message).toBe(
      "b served 10 s, none 6.5 s, 0 calls replayed, longest wait 0 s, 0 failed",
    );
  });

  it("ends with a drain, which is none", () => {
    const isolate = new Isolate();
    isolate.see({ kind: "drain", origin: "a" });
    isolate.see({ kind: "undrain", origin: "a" });
    expect(isolate.told).toEqual([]);
    isolate.fail("a");
    isolate.see({ kind: "drain", origin: "a" });
    expect(isolate.told.at(-1)).toMatchObject({
      message: "drained",
      ended: "2026-11-28T09:00:00.000Z",
      data: { end: "drained" },
    });
  });

  it("is told again while it goes on", () => {
    const isolate = new Isolate();
    isolate.fail("a");
    isolate.failovers.tellAgain(isolate.now + 29_999);
    expect(isolate.told).toHaveLength(1);
    isolate.failovers.tellAgain(isolate.now + 30_000);
    expect(isolate.told).toHaveLength(2);
  });
});

function edgeBefore(first: string, firstUrl: string) {
  const origins = [
    { name: first, url: firstUrl },
    { name: "b", url: `http://localhost:${port}` },
  ];
  const bound = bindings({ origins });
  return { bound, edge: edgeOf(bound) };
}

async function told(): Promise<PairEvent[]> {
  return await (await fetch(`http://127.0.0.1:${port}/events`)).json();
}

describe("an outage", () => {
  const DOWN = "http://127.0.0.1:1";
  const UP = `http://127.0.0.1:${port}`;

  beforeEach(() => {
    const wait = scheduler.wait.bind(scheduler);
    const betweenProbes = 10_000;
    vi.spyOn(scheduler, "wait").mockImplementation((millis = 0) =>
      wait(millis === betweenProbes ? 0 : millis),
    );
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Returns the events that a run of the cron trigger tells of an origin. */
  async function run(name: string, url: string): Promise<PairEvent[]> {
    const before = (await told()).length;
    const { bound } = edgeBefore(name, url);
    const ctx = createExecutionContext();
    await worker.scheduled(createScheduledController(), bound, ctx);
    await waitOnExecutionContext(ctx);
    return (await told()).slice(before).filter(({ origin }) => origin === name);
  }

  it("is told by each run of the cron trigger, with its end", async () => {
    const name = `gone-${crypto.randomUUID()}`;
    expect(await run(name, UP)).toEqual([]);
    const [begun, ...more] = await run(name, DOWN);
    expect(more).toEqual([]);
    const cause = "/health: connection failed";
    expect(begun).toMatchObject({ kind: "outage", message: cause, ended: null, data: { cause } });
    expect(await run(name, DOWN)).toEqual([begun]);
    const [over] = await run(name, UP);
    expect(over).toEqual({
      ...begun,
      message: expect.stringMatching(/^back after \d+(\.\d)? s$/),
      ended: expect.any(String),
      data: { cause, end: "recovered" },
    });
    expect(await run(name, UP)).toEqual([over]);
  });

  it("ends with a drain, and none begins while that lasts", async () => {
    const name = `gone-${crypto.randomUUID()}`;
    const [begun] = await run(name, DOWN);
    await edgeBefore(name, DOWN).edge.store?.writeDrained(name, true);
    const [over] = await run(name, DOWN);
    const data = { ...begun?.data, end: "drained" };
    expect(over).toEqual({ ...begun, message: "drained", ended: expect.any(String), data });
    expect(await run(name, DOWN)).toEqual([over]);
  });
});

describe("an event", () => {
  it("of a failover is told by the call that sees it", async () => {
    const name = `gone-${crypto.randomUUID()}`;
    const { bound } = edgeBefore(name, "http://127.0.0.1:1");
    const ctx = createExecutionContext();
    const body = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
    const request = new Request("http://localhost/mcp", { method: "POST", body, headers: MODERN });
    const response = await worker.fetch(
      request as Request<unknown, IncomingRequestCfProperties>,
      bound,
      ctx,
    );
    expect(response.headers.get("X-Served-By")).toBe("b");
    await response.text();
    await waitOnExecutionContext(ctx);

    const [event] = (await told()).filter(({ origin }) => origin === name);
    expect(event).toMatchObject({ kind: "failover", message: "b serves", ended: null });
    expect(event?.data.cause).toContain("a call was refused or cut off");
  });

  const event = (data: PairEvent["data"]): PairEvent => ({
    id: crypto.randomUUID(),
    kind: "drain",
    origin: "a",
    message: "a is drained",
    at: "2026-11-28T09:00:00.000Z",
    ended: null,
    data,
  });

  it("is told until an origin has it, by whatever request comes by, and then no more", async () => {
    const { edge } = edgeBefore("a", `http://127.0.0.1:${port}`);
    edge.monitor.learnLedgers({ a: true, b: true });
    const late = event({ deaf: 1 });
    const paged = event({ pages: 1 });
    const refused = event({ status: 400 });
    const good = event({});
    for (const each of [late, paged, refused, good]) {
      edge.events.add(each);
    }
    for (let requests = 0; requests < 2; requests++) {
      const ctx = createExecutionContext();
      edge.events.tell(prober(ctx, "secret"));
      await waitOnExecutionContext(ctx);
    }
    const times = (id: string, all: PairEvent[]) => all.filter((e) => e.id === id).length;
    const all = await told();
    expect([late, paged, refused, good].map(({ id }) => times(id, all))).toEqual([2, 2, 1, 1]);
  });

  it("is not told to an origin without a ledger", async () => {
    const { edge } = edgeBefore("a", `http://127.0.0.1:${port}`);
    edge.monitor.learnLedgers({ a: false, b: false });
    const one = event({});
    edge.events.add(one);
    const ctx = createExecutionContext();
    edge.events.tell(prober(ctx, "secret"));
    await waitOnExecutionContext(ctx);
    expect((await told()).filter(({ id }) => id === one.id)).toEqual([]);
  });

  it("gives way to newer ones where they are too many, and their number is told", async () => {
    const { edge } = edgeBefore("a", `http://127.0.0.1:${port}`);
    edge.monitor.learnLedgers({ a: true, b: true });
    const all = Array.from({ length: 203 }, () => event({}));
    for (const each of all) {
      edge.events.add(each);
    }
    const by = prober(createExecutionContext(), "secret");
    const ctx = createExecutionContext();
    edge.events.tell({ ...by, ctx, probesLeft: 1_000 });
    await waitOnExecutionContext(ctx);
    const came = await told();
    const mine = all.filter(({ id }) => came.some((e) => e.id === id));
    expect(mine).toEqual(all.slice(3));
    expect(came.some(({ kind, data }) => kind === "lost" && data.count === 3)).toBe(true);
  });
});
