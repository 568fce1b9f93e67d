import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { Budget, type Lease } from "../src/call/budget";
import { takeIn } from "../src/call/intake";
import { sharesOf } from "../src/call/shares";
import type { Env } from "../src/config/secrets";
import { edgeOf } from "../src/edge";
import { callerOfKey, callerOfToken, LOCAL } from "../src/gate/auth/caller";
import { KnownKeys } from "../src/gate/known-keys";
import worker from "../src/index";
import { GrowingBytes } from "../src/wire/growing-bytes";
import { bindings } from "./bindings";

const MIB = 1024 * 1024;
const KEY = "mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";
const CALL = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"save"}}';

afterEach(() => {
  vi.useRealTimers();
});

function stopTheClock(): void {
  vi.useFakeTimers({ toFake: ["Date"] });
}

function pass(millis: number): void {
  vi.setSystemTime(Date.now() + millis);
}

/** A body that begins with these bytes, and goes on when the test ends it. */
function unfinished(beginning: Uint8Array): { body: ReadableStream; end: () => void } {
  let end = () => {};
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(beginning);
      end = () => controller.close();
    },
  });
  return { body, end };
}

function post(query: string, headers: Record<string, string>, body: BodyInit) {
  return new Request(`http://localhost/mcp?${query}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Host: "localhost", ...headers },
    body,
  }) as Request<unknown, IncomingRequestCfProperties>;
}

describe("a share", () => {
  const keys = new KnownKeys();
  const room = (lease: Lease) => {
    let taken = 0;
    for (let shortage: unknown = null; shortage === null; taken += MIB) {
      shortage = lease.take(MIB, MIB);
    }
    return (taken - MIB) / MIB;
  };

  it("leaves room for another user, address, and key that nobody has accepted", () => {
    const budget = new Budget(32 * MIB, 1_000);
    const lease = (key: string, address: string | null) =>
      budget.lease(sharesOf(callerOfKey(key), address, keys, 4 * MIB), 0);
    const first = lease("made-up", "1.1.1.1");
    expect(first.take(5 * MIB, 4 * MIB)).toBeNull();
    expect(first.take(1, 4 * MIB)).toBe("rateLimited");
    first.give();

    for (let i = 0; i < 100; i++) {
      room(lease(`made-up-${i}`, `${i % 10}.1.1.1`));
      room(lease(`made-up-${i}`, "9.9.9.9"));
    }
    expect(lease("made-up", "8.8.8.8").take(MIB, MIB)).not.toBeNull();
    expect(lease("made-up", "8.8.8.8").take(64 * 1024, 0)).toBeNull();
    keys.answered(callerOfKey("known"), 200);
    expect(lease("known", "9.9.9.9").take(2 * MIB, 2 * MIB)).toBeNull();
    keys.answered(callerOfKey("known"), 401);
    expect(lease("known", "9.9.9.9").take(MIB, MIB)).not.toBeNull();

    for (let i = 0; i < 10; i++) {
      const user = callerOfToken(`user-${i}`);
      room(budget.lease(sharesOf(user, "9.9.9.9", keys, 4 * MIB), 0));
    }
    const token = budget.lease(sharesOf(callerOfToken("carol"), "9.9.9.9", keys, 4 * MIB), 0);
    expect(token.take(MIB, MIB)).toBe("rateLimited");
    expect(token.take(64 * 1024, 0)).toBeNull();
  });

  it("is as large as the largest body, where nothing else is held", () => {
    for (const mebibytes of [4, 8, 16]) {
      for (const caller of [callerOfKey("made-up"), callerOfToken("ann"), LOCAL]) {
        const shares = sharesOf(caller, "1.1.1.1", keys, mebibytes * MIB);
        const bytes = mebibytes * MIB;
        expect(new Budget(32 * MIB, 1_000).lease(shares, 0).take(bytes, bytes)).toBeNull();
      }
    }
  });

  it("is given back, and counts calls but not streams that last", () => {
    const budget = new Budget(32 * MIB, 1_000);
    const shares = sharesOf(callerOfToken("ann"), null, keys, 3 * MIB);
    const [call, listening] = [budget.lease(shares, 0), budget.lease(shares, 0)];
    expect(room(call)).toBe(8);
    expect(listening.take(1, MIB)).toBe("rateLimited");
    call.give();
    expect(room(listening)).toBe(8);
    expect(budget.calls("user ann", 0)).toBe(1);
    listening.listen();
    expect(budget.calls("user ann", 0)).toBe(0);
    expect(room(budget.lease(shares, 0))).toBe(8);
    expect(budget.calls("user ann", 1_001)).toBe(0);
  });
});

describe("bytes that are held", () => {
  it("take up hardly more than they are, however small the pieces", () => {
    let taken = 0;
    const counted = {
      take: (bytes: number) => {
        taken += bytes;
        return null;
      },
      giveBack: (bytes: number) => {
        taken -= bytes;
      },
    };
    const held = new GrowingBytes(counted, 0, 4 * MIB);
    for (let i = 0; i < 100_000; i++) {
      held.append(new Uint8Array([i]));
    }
    expect(held.bytes).toHaveLength(100_000);
    expect(held.bytes[99_999]).toBe(99_999 % 256);
    expect(taken).toBeLessThan(200_000);
    held.clear();
    expect(taken).toBe(0);
  });
});

describe("a body", () => {
  const lease = () => new Budget(32 * MIB, 600_000).lease([], Date.now());

  it("that comes too slowly is not waited for", async () => {
    stopTheClock();
    const slow = unfinished(new Uint8Array(79 * 1024));
    const taken = takeIn(post("", {}, slow.body), 4 * MIB, lease());
    pass(5_001);
    expect(await taken).toBe("slowBody");
  });

  it("that comes at the least rate is waited for", async () => {
    stopTheClock();
    const steady = unfinished(new Uint8Array(81 * 1024));
    const taken = takeIn(post("", {}, steady.body), 4 * MIB, lease());
    const looks = vi.spyOn(scheduler, "wait");
    pass(5_001);
    while (looks.mock.calls.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 10)); // Until it has looked, and waits on.
    }
    looks.mockRestore();
    steady.end();
    expect(await taken).toHaveLength(81 * 1024);
  });

  it("takes room for what is read of a batch, and for its headers", async () => {
    const left = async (body: string, headers: Record<string, string> = {}) => {
      const held = new Budget(1_000_000, 600_000).lease([], Date.now());
      await takeIn(post("", headers, body), 4 * MIB, held);
      let room = 0;
      while (held.take(1_000, 0) === null) {
        room += 1_000;
      }
      return room;
    };
    const one = await left(CALL);
    expect(one).toBeGreaterThan(950_000);
    expect(one - (await left(` [${CALL}${",{}".repeat(900)}]`))).toBeGreaterThan(200_000);
    expect(one - (await left(CALL, { "X-Pad": "x".repeat(10_000) }))).toBeGreaterThan(19_000);
  });
});

describe("an isolate", () => {
  let bound: Env;

  beforeEach(() => {
    const auth = { resource: "http://localhost/mcp", keys: true };
    const origins = [{ name: "a", url: `http://127.0.0.1:${inject("originPort")}` }];
    bound = bindings({ auth, origins });
  });

  it("has room for others where made-up keys stall", async () => {
    stopTheClock();
    const bearer = { Authorization: `Bearer ${KEY}` };
    const from = (address: string) => ({ ...bearer, "CF-Connecting-IP": address });
    const ctx = createExecutionContext();
    const stalled = Array.from({ length: 6 }, () => unfinished(new Uint8Array(4 * MIB - 1)));
    const answers = stalled.map(({ body }) =>
      worker.fetch(post("stalls", from("192.0.2.1"), body), bound, ctx),
    );
    // One of them is held; the others are turned away, and so answered while it waits.
    const refused = await Promise.race(answers);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await refused.json()).toMatchObject({ error: { data: { code: "rate_limited" } } });

    const body = CALL + " ".repeat(100_000);
    const other = await worker.fetch(post("others", from("198.51.100.1"), body), bound, ctx);
    expect(other.status).toBe(200);
    await other.text();

    pass(30_001);
    const statuses = (await Promise.all(answers)).map((response) => response.status);
    expect(statuses.sort()).toEqual([408, 429, 429, 429, 429, 429]);
    expect(edgeOf(bound).budget.calls("unaccepted", Date.now())).toBe(0);
    await waitOnExecutionContext(ctx);
  });

  it("has room again soon after a client has left in mid-body", async () => {
    stopTheClock();
    const caller = callerOfToken("ann");
    const left = edgeOf(bound).lease(new Request("http://localhost"), caller);
    expect(left.take(6 * MIB, 6 * MIB)).toBeNull();
    const stays = edgeOf(bound).lease(new Request("http://localhost"), caller);
    pass(35_001);
    stays.renew(Date.now());
    const next = edgeOf(bound).lease(new Request("http://localhost"), caller);
    expect(next.take(6 * MIB, 6 * MIB)).toBeNull();
    expect(edgeOf(bound).budget.calls("user ann", Date.now())).toBe(2);
  });

  const room = () => {
    const lease = edgeOf(bound).budget.lease([], Date.now());
    const shortage = lease.take(23.5 * MIB, MIB);
    lease.give();
    return shortage;
  };

  it("counts a long answer until its client has it", async () => {
    const bearer = { Authorization: `Bearer ${KEY}` };
    const ctx = createExecutionContext();
    const response = await worker.fetch(post("answer=large", bearer, CALL), bound, ctx);
    expect(room()).toBe("overloaded");
    expect(await response.bytes()).toHaveLength(MIB);
    await waitOnExecutionContext(ctx);
    expect(room()).toBeNull();
  });

  it("counts a long event until its client has it", async () => {
    const bearer = { Authorization: `Bearer ${KEY}` };
    const ctx = createExecutionContext();
    const response = await worker.fetch(post("answer=events&slowly", bearer, CALL), bound, ctx);
    const reader = response.body?.getReader({ mode: "byob" });
    expect((await reader?.read(new Uint8Array(1_024)))?.value).toHaveLength(1_024);
    expect(room()).toBe("overloaded");
    await reader?.cancel();
    await waitOnExecutionContext(ctx);
    expect(room()).toBeNull();
  });
});
