import { env } from "cloudflare:test";
import { afterEach, expect, it, vi } from "vitest";
import type { Env } from "../src/config/secrets";
import { message, tellOutage } from "../src/monitor/alerts";
import { Store } from "../src/monitor/store";

const { STATE } = env as unknown as Required<Pick<Env, "STATE">>;
const BEGIN = Date.parse("2026-11-28T09:00:00.500Z");
const ALERTS = {
  service: "notes",
  webhooks: [
    { name: "a", type: "slack", secret: "A_URL" },
    { name: "b", type: "json", secret: "B_URL" },
    { name: "c", type: "json", secret: "C_URL" },
  ],
} as const;
const BOUND = { A_URL: "https://a.example/T0KEN", B_URL: "https://b.example/T0KEN" };

afterEach(() => {
  vi.restoreAllMocks();
});

/** The webhooks, by the status of each answer. */
function answering(...statuses: number[]) {
  return vi
    .spyOn(globalThis, "fetch")
    .mockImplementation(async () => new Response(null, { status: statuses.shift() ?? 200 }));
}

/** A run of the cron trigger, so long after the beginning. */
async function run(none: boolean, seconds: number): Promise<void> {
  const store = new Store(STATE, ["one"]);
  await tellOutage(ALERTS, store, BOUND, none, BEGIN + 1_000 * seconds);
}

it("is told to each webhook once, and so is its end", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const fetched = answering(200, 503, 200, 200, 503, 200);
  const posted = () => fetched.mock.calls.map(([url]) => String(url).slice(8, 9)).join("");
  await run(true, -40);
  await run(false, -20);
  await run(true, 0);
  await run(true, 29.9);
  expect(posted()).toBe("");
  await run(true, 60);
  expect(posted()).toBe("ab");
  await run(true, 70);
  expect(posted()).toBe("abb");
  await run(true, 80);
  expect(posted()).toBe("abb");
  await run(false, 95);
  expect(posted()).toBe("abbab");
  await run(false, 155);
  expect(posted()).toBe("abbabb");
  await run(false, 215);
  expect(posted()).toBe("abbabb");
  const [end, again] = fetched.mock.calls.slice(4).map(([, init]) => String(init?.body));
  expect(again).toBe(end);
  const text = "notes: 2026-11-28T09:00:00Z down: no origin answers";
  expect(fetched.mock.calls[0]?.[1]?.body).toBe(JSON.stringify({ text }));
  expect(fetched.mock.calls[0]?.[1]).toMatchObject({ method: "POST", redirect: "manual" });
  expect(warned.mock.calls.join()).toContain("C_URL is not set");
  expect(warned.mock.calls.join()).not.toContain("T0KEN");
});

it("is another one where it begins before a webhook has taken the end", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const fetched = answering(200, 200, 200, 503);
  const bodies = () => fetched.mock.calls.map(([, init]) => String(init?.body));
  await run(true, 0);
  await run(true, 60);
  await run(false, 120);
  await run(true, 180);
  expect(bodies()).toHaveLength(4);
  await run(true, 240);
  expect(bodies().slice(4)).toEqual([
    JSON.stringify({ text: "notes: 2026-11-28T09:03:00Z down: no origin answers" }),
  ]);
  await run(false, 300);
  expect(bodies().slice(5).join()).toContain("09:05:00Z up");
});

it("reads as an origin's alert", () => {
  const outage = { id: "1", at: BEGIN, ended: null, told: [] };
  const over = { ...outage, ended: BEGIN + 95_000 };
  const text = "notes: 2026-11-28T09:00:00Z down: no origin answers";
  expect(message("slack", "notes", outage).body).toBe(JSON.stringify({ text }));
  expect(JSON.parse(message("discord", "notes", outage).body)).toEqual({
    content: text,
    allowed_mentions: { parse: [] },
  });
  expect(message("ntfy", "notes", over)).toEqual({
    headers: { Title: "notes", Priority: "default", Tags: "white_check_mark" },
    body: "2026-11-28T09:01:35Z up: an origin answers again, after 95 s",
  });
  expect(JSON.parse(message("json", "notes", over).body)).toMatchObject([
    { id: "1", kind: "outage", origin: null, ended: "2026-11-28T09:01:35.500Z" },
  ]);
});
