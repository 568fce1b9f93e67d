import { describe, expect, inject, it } from "vitest";
import { proof, proveSecrets } from "../src/admin/secret-check";
import { Budget } from "../src/call/budget";
import { died, outlived, processes, Quarantine } from "../src/call/quarantine";
import { isRepeatable } from "../src/call/replay-policy";
import { MAX_ATTEMPTS, Search } from "../src/call/search";
import { readConfig } from "../src/config/config";
import { isOneOf, sentSecret } from "../src/config/secrets";
import { isDown, isDue, recorded } from "../src/monitor/cron";
import type { Recorded } from "../src/monitor/store";
import { POOL_DEFAULTS } from "../src/pool/settings";
import { type OriginState, starting } from "../src/pool/state";
import { readBody } from "../src/wire/payload";

const ORIGINS =
  '"origins":[{"name":"a","url":"https://a.example.com"}],"auth":"none","limits":"none"';
const BOTH = ["a", "b"];

describe("a search", () => {
  it("tries every origin once a round, the healthy one first", () => {
    const search = new Search(10_000, 0);
    expect(search.next("b", BOTH, 0)).toEqual({ kind: "attempt", origin: "b" });
    expect(search.next(null, BOTH, 0)).toEqual({ kind: "attempt", origin: "a" });
    expect(search.next(null, BOTH, 0)).toEqual({ kind: "pause", atLeast: 20, atMost: 40 });
    expect(search.next(null, BOTH, 40)).toEqual({ kind: "attempt", origin: "a" });
  });

  it.each([1_000, 10_000, 180_000])("of %i ms ends by its time, not by its attempts", (wait) => {
    const search = new Search(wait, 0);
    let now = 0;
    for (;;) {
      const step = search.next(null, BOTH, now);
      if (step.kind === "giveUp") {
        break;
      }
      now += step.kind === "pause" ? step.atMost : 0;
    }
    expect(now).toBe(wait);
    expect(search.attempts).toBeLessThan(MAX_ATTEMPTS);
  });

  it("ends by its attempts where each origin fails at work", () => {
    const search = new Search(10_000, 0);
    let now = 0;
    for (let step = search.next("a", BOTH, now); step.kind !== "giveUp"; ) {
      now += 10_000;
      search.cutShort(10_000, now);
      search.forget("a");
      step = search.next("a", BOTH, now);
    }
    expect(search.attempts).toBe(MAX_ATTEMPTS);
  });
});

describe("a call that may run twice", () => {
  const mayRepeat = (body: string) =>
    isRepeatable("POST", readBody(new TextEncoder().encode(body)), new Set(["look"]));

  it("is told by its methods, and its tool by the origins", () => {
    expect(mayRepeat('{"id":1,"method":"tools/list"}')).toBe(true);
    expect(mayRepeat('{"id":1,"method":"tools/call","params":{"name":"look"}}')).toBe(true);
    expect(mayRepeat('{"id":1,"method":"tools/call","params":{"name":"save"}}')).toBe(false);
    expect(mayRepeat('[{"id":1,"method":"ping"},{"id":2,"method":"logging/setLevel"}]')).toBe(
      false,
    );
    expect(mayRepeat("no JSON")).toBe(false);
  });
});

describe("a budget", () => {
  it("keeps a quarter for small bodies, and forgets who does not come back", () => {
    const budget = new Budget(400_000, 1_000);
    const large = budget.lease([], 0);
    expect(large.take(300_000, 300_000)).toBeNull();
    expect(budget.lease([], 500).take(70_000, 70_000)).toBe("overloaded");
    const small = budget.lease([], 500);
    expect(small.take(60_000, 60_000)).toBeNull();
    expect(budget.lease([], 1_001).take(200_000, 200_000)).toBeNull();
    large.give();
    expect(budget.lease([], 1_002).take(100_000, 100_000)).toBe("overloaded");
    small.give();
    expect(budget.lease([], 1_003).take(100_000, 100_000)).toBeNull();
  });
});

describe("a lease", () => {
  it("gives back a part, and the rest at the end", () => {
    const budget = new Budget(1_000, 1_000);
    const lease = budget.lease([], 0);
    expect(lease.take(900, 900)).toBeNull();
    lease.giveBack(600);
    expect(budget.lease([], 0).take(700, 700)).toBeNull();
    expect(budget.lease([], 0).take(1, 1)).toBe("overloaded");
    lease.give();
    expect(budget.lease([], 0).take(300, 300)).toBeNull();
    expect(budget.lease([], 0).take(1, 1)).toBe("overloaded");
  });

  it("of a stream that lasts does not expire while it holds nothing", () => {
    const budget = new Budget(1_000, 1_000);
    const stream = budget.lease([], 0);
    stream.listen();
    expect(budget.calls("user", 80_000_000)).toBe(0);
    expect(stream.take(900, 900)).toBeNull();
    expect(budget.lease([], 80_000_000).take(900, 900)).toBeNull();
    expect(stream.take(1, 1)).toBe("overloaded");
    const forgotten = budget.lease([], 0);
    forgotten.listen();
    expect(budget.calls("user", 90_000_000)).toBe(0);
    expect(forgotten.take(1, 1)).toBe("overloaded");
  });

  it("that has expired gives nothing back twice and takes nothing more", () => {
    const budget = new Budget(1_000, 1_000);
    const old = budget.lease([], 0);
    expect(old.take(1_000, 1_000)).toBeNull();
    const next = budget.lease([], 1_001);
    expect(next.take(1_000, 1_000)).toBeNull();

    old.giveBack(1_000);
    old.give();

    expect(budget.lease([], 1_002).take(1, 1)).toBe("overloaded");
    next.give();
    expect(old.take(1, 1)).toBe("overloaded");
  });
});

describe("what cron records", () => {
  const [starts] = starting(["a"], POOL_DEFAULTS, 0).origins;
  const well = { ...(starts as OriginState), health: "healthy" } as const;
  const lastFailure = { at: 1_000, reason: "code 503" };
  const dead = { ...well, health: "unhealthy", lastFailure } as const;
  const down = recorded(dead, null, 1_000) as Recorded;
  const ended = { ...down, ended: 61_000 };

  it("is a change, and only a change", () => {
    expect(recorded(well, null, 9)).toBeNull();
    expect(down).toMatchObject({ at: 1_000, cause: "code 503", ended: null, drained: false });
    expect(recorded(dead, down, 2_000)).toBe(down);
    expect(recorded(well, down, 61_000)).toEqual(ended);
    expect(recorded(well, ended, 700_000)).toBe(ended);
    const out = { ...dead, drained: true };
    expect(recorded(out, null, 1_000)).toBeNull();
    expect(recorded(out, down, 61_000)).toEqual({ ...ended, drained: true });
  });

  it("leaves an origin that flaps down for a while", () => {
    expect(recorded(dead, ended, 600_999)).toBe(ended);
    expect(isDown(ended, 600_999)).toBe(true);
    expect(isDown(ended, 601_000)).toBe(false);
    const next = recorded(dead, ended, 601_000);
    expect(next).toMatchObject({ at: 601_000, ended: null });
    expect(next?.id).not.toBe(down.id);
  });
});

describe("that cron runs", () => {
  const last = { at: 1_000, release: "one" };

  it("is written down at once for another release, and else each hour", () => {
    expect(isDue(null, "one", 0)).toBe(true);
    expect(isDue(last, "two", 1_001)).toBe(true);
    expect(isDue(last, "one", 3_600_999)).toBe(false);
    expect(isDue(last, "one", 3_601_000)).toBe(true);
  });
});

describe("the configuration", () => {
  it("is what the other edge reads, with the same defaults", () => {
    const config = readConfig(`{"host":"127.0.0.1","port":8080,${ORIGINS}}`);
    expect(config.pool).toMatchObject({ consecutiveDown: 2, consecutiveUp: 3, interval: 30_000 });
    expect(config.pool).toEqual(POOL_DEFAULTS);
    expect(config.forwarding).toMatchObject({ waitMillis: 10_000, idleTimeoutMillis: 3_000 });
    expect(config.monitor).toMatchObject({ timeoutMillis: 5_000, retries: 2 });
  });

  it("has origins asked in clear on its own machine, or where that is said", () => {
    const more = '{"name":"b","url":"http://app.internal:8000/one/mcp","plaintext":true}';
    const config = readConfig(
      `{"auth":"none","limits":"none","failover":"load_balancer","loadBalancer":"http://localhost:1/","origins":[{"name":"a","url":"http://[::1]:2"},${more}]}`,
    );
    expect(config.origins.map((o) => o.mcpPath)).toEqual(["/mcp", "/one/mcp"]);
    expect(config.origins.map((o) => o.url)).toEqual([
      "http://[::1]:2",
      "http://app.internal:8000",
    ]);
    expect(config.forwarding.loadBalancer).toBe("http://localhost:1");
  });

  it.each([
    ["", "EDGE_CONFIG is not set"],
    ["[]", "must be a JSON object"],
    ["{", "malformed JSON"],
    ["null", "must be a JSON object"],
    ["{}", "origins must have one origin or more"],
    [`{${ORIGINS},"x":1}`, "x is an unknown field"],
    [`{${ORIGINS},"monitor":{"retries":-1}}`, "monitor.retries must be from 0 to 10"],
    [`{${ORIGINS},"failover":"load_balancer"}`, "loadBalancer must be as https://host"],
    [`{${ORIGINS},"failover":"dns"}`, "failover must be worker or load_balancer"],
    [
      `{${ORIGINS},"failover":"load_balancer","loadBalancer":"http://lb.example.com"}`,
      "loadBalancer must be as https://host",
    ],
    ['{"origins":[{"name":"a","url":"http://a.example.com"}]}', "url must begin with https://"],
    ['{"origins":[{"name":"a","url":"http://localhost.example"}]}', "url must begin with https://"],
    [
      '{"origins":[{"name":"a","url":"http://a.example.com","plaintext":false}]}',
      '"plaintext": true allows http',
    ],
    ['{"origins":[{"name":"a","plaintext":1}]}', "origins[0].plaintext must be true or false"],
    ['{"origins":[{"name":"a","url":"https://u:secret@a.example.com"}]}', "no user and password"],
    ['{"origins":[{"name":"a","url":"https://a.example.com/mcp?x"}]}', "origins[0].url must be as"],
  ])("names what is wrong in %s", (text, problem) => {
    expect(() => readConfig(text)).toThrow(problem);
    expect(() => readConfig(text)).not.toThrow("secret@");
  });
});

describe("secrets", () => {
  it("are sent one at a time, and any of a list is accepted", async () => {
    expect(sentSecret({ GATEWAY_SECRET: " new ,old" })).toBe("new");
    expect(sentSecret({ GATEWAY_SECRET: "with space" })).toBeNull();
    expect(sentSecret({})).toBeNull();
    expect(await isOneOf("old", "new,old")).toBe(true);
    expect(await isOneOf("new,old", "new,old")).toBe(false);
    expect(await isOneOf("", undefined)).toBe(false);
    expect(await isOneOf("", ",")).toBe(false);
  });

  it("are proved without being told", async () => {
    const nonce = "A".repeat(43);
    const ask = (names: unknown) => proveSecrets(JSON.stringify({ nonce, names }), bindings);
    const bindings = { GATEWAY_SECRET: "g", ADMIN_TOKEN: "a", EDGE_CONFIG: "{}", STATE: {} };
    const told = await ask(["GATEWAY_SECRET", "STRIPE_SECRET_KEY"]);
    expect(told?.names).toEqual(["ADMIN_TOKEN", "GATEWAY_SECRET"]);
    expect(Object.keys(told?.proofs ?? {})).toEqual(["GATEWAY_SECRET"]);
    expect(told?.proofs.GATEWAY_SECRET).toMatch(/^[0-9a-f]{64}$/);
    expect(await ask(["lower"])).toBeNull();
    expect(await ask("GATEWAY_SECRET")).toBeNull();
    expect(await proveSecrets('{"nonce":"short","names":[]}', bindings)).toBeNull();
    expect(await proveSecrets("{", bindings)).toBeNull();
  });

  it("are proved as the vectors of contract/secrets say", async () => {
    const vectors = Object.values(inject("secrets")).flat() as Record<string, string>[];
    for (const { name = "", nonce = "", value = "", proof: wanted } of vectors) {
      expect(await proof(name, nonce, value)).toBe(wanted);
    }
  });
});

describe("an attempt whose connection broke", () => {
  const lost = { origin: "a", begun: 10_000, ended: 10_100, generation: 1, reached: true };
  const found = { refused: false, generation: 1, began: 5_000, seen: [] };

  it("had a process that died where that is gone, or another is there", () => {
    expect(died(lost, found)).toBe(false);
    expect(died(lost, { ...found, refused: true })).toBe(true);
    expect(died(lost, { ...found, generation: 2 })).toBe(true);
    expect(died(lost, { ...found, began: 10_001 })).toBe(true);
    expect(died(lost, { ...found, began: null })).toBe(false);
  });

  it("had one that did not die where that answered a later probe, though it dies afterwards", () => {
    expect(outlived(lost, { ...found, seen: [20_000, 10_100] })).toBe(false);
    expect(outlived(lost, { ...found, seen: [0, 10_101] })).toBe(true);
    expect(outlived(lost, { ...found, generation: 2, began: 30_000, seen: [0, 10_101] })).toBe(
      true,
    );
    expect(outlived(lost, { ...found, began: 10_001, seen: [0, 10_101] })).toBe(false);
  });

  it("counts once with another that the same process had", () => {
    expect(processes([lost, { ...lost, begun: 1 }])).toBe(1);
    expect(processes([lost, { ...lost, generation: 2 }, { ...lost, origin: "b" }])).toBe(3);
  });

  it("had none where it broke at once, and was refused for all that is known", () => {
    const refused = { ...lost, reached: false };
    expect(died(refused, { ...found, refused: true })).toBe(false);
    expect(died(refused, { ...found, generation: 2 })).toBe(false);
    const slow = { ...refused, ended: 10_500 };
    expect(died(slow, { ...found, generation: 2 })).toBe(true);
    expect(died(slow, { ...found, refused: true })).toBe(false);
  });
});

describe("a user", () => {
  const call = (user: string, at: number) => ({ callId: `${at}`, tool: null, user, bytes: 1, at });

  it("is held for as long after a second such incident, not after one", () => {
    const quarantine = new Quarantine();
    quarantine.add(call("ann", 0));
    quarantine.add(call("bob", 1));
    quarantine.add(call("bob", 600_000));
    expect(quarantine.holds("ann", 1)).toBe(false);
    expect(quarantine.holds("bob", 1_199_999)).toBe(true);
    expect(quarantine.holds("bob", 1_200_000)).toBe(false);
    quarantine.add(call("eve", 600_000));
    quarantine.add(call("eve", 604_999));
    expect(quarantine.holds("eve", 605_000)).toBe(false);
    quarantine.add(call("eve", 605_000));
    expect(quarantine.holds("eve", 605_000)).toBe(true);
    quarantine.add(call("ann", 600_001));
    expect(quarantine.holds("ann", 600_002)).toBe(false);
    for (let i = 0; i < 30; i++) {
      quarantine.add(call(`user ${i}`, 700_000 + i));
    }
    expect(quarantine.calls.map((c) => c.at)).toEqual(
      Array.from({ length: 20 }, (_, i) => 700_029 - i),
    );
  });
});
