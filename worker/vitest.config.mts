import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

// What runs in workerd sees no files.
function jsonFiles(folder: string): Record<string, unknown> {
  const at = new URL(`../contract/${folder}/`, import.meta.url);
  const names = (existsSync(at) ? readdirSync(at) : []).filter((name) => name.endsWith(".json"));
  return Object.fromEntries(
    names.map((name) => [name, JSON.parse(readFileSync(new URL(name, at), "utf8"))]),
  );
}

export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "./wrangler.jsonc" },
      miniflare: { cf: false },
    }),
  ],
  test: {
    // A machine may be busy with much else.
    testTimeout: 60_000,
    expect: { poll: { timeout: 50_000 } },
    globalSetup: "./test/origin.mjs",
    setupFiles: "./test/setup.ts",
    provide: {
      failover: jsonFiles("failover"),
      secrets: jsonFiles("secrets"),
      auth: jsonFiles("auth"),
      errors: jsonFiles("errors"),
    },
  },
});
