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

it("is told to each webhook once, and so is its end", async () => {
  const answers = [200, 503, 200, 200, 200];
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const fetched = vi
    .spyOn(globalThis, "fetch")
    .mockImplementation(async () => new Response(null, { status: answers.shift() ?? 200 }));
  const posted = () => fetched.mock.calls.map(([url]) => String(url).slice(8, 9)).join("");
  const store = new Store(STATE, ["one"]);
  const run = (since: number | null) => tellOutage(ALERTS, store, BOUND, since, BEGIN + 95_000);

  await run(null);
  expect(posted()).toBe("");
  await run(BEGIN);
  expect(posted()).toBe("ab");
  await run(BEGIN);
  expect(posted()).toBe("abb");
  await run(BEGIN);
  expect(posted()).toBe("abb");
  await run(null);
  expect(posted()).toBe("abbab");
  await run(null);
  expect(posted()).toBe("abbab");
  expect(fetched.mock.calls[0]?.[1]).toMatchObject({ method: "POST", redirect: "manual" });
  expect(warned.mock.calls.join()).toContain("C_URL is not set");
  expect(warned.mock.calls.join()).not.toContain("T0KEN");
});

it("reads as an origin's alert", () => {
  const outage = { id: "1", at: BEGIN, told: [] };
  const text = "notes: 2026-11-28T09:00:00Z down: no origin answers";
  expect(message("slack", "notes", outage, null).body).toBe(JSON.stringify({ text }));
  expect(message("discord", "notes", outage, null).body).toBe(JSON.stringify({ content: text }));
  expect(message("ntfy", "notes", outage, BEGIN + 95_000)).toEqual({
    headers: { Title: "notes", Priority: "default", Tags: "white_check_mark" },
    body: "2026-11-28T09:01:35Z up: an origin answers again, after 95 s",
  });
  expect(JSON.parse(message("json", "notes", outage, BEGIN + 95_000).body)).toMatchObject([
    { id: "1", kind: "outage", origin: null, ended: "2026-11-28T09:01:35.500Z" },
  ]);
});
