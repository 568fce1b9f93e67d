// Runs the built Worker in workerd, on loopback, until SIGTERM: for tests and measurements from outside. By its environment:
// PORT, what a Worker is bound to: EDGE_CONFIG, GATEWAY_SECRET, ADMIN_TOKEN, RELEASE, and KV_FOLDER for what KV is to keep. A line
// "cron" on its input does what the cron trigger does each minute, and is answered by a line.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Miniflare } from "miniflare";

const BINDINGS = ["EDGE_CONFIG", "GATEWAY_SECRET", "ADMIN_TOKEN", "RELEASE"];
const root = new URL("..", import.meta.url);

// JSON with comments of whole lines.
const configuration = readFileSync(new URL("wrangler.jsonc", root), "utf8");
const wrangler = JSON.parse(configuration.replace(/^\s*\/\/.*$/gm, ""));

// As a deployment makes them of what mcpist.yml says.
const limits = JSON.parse(process.env.EDGE_CONFIG ?? "{}").limits;
const ratelimits = {};
function bind(name, limit, period) {
  if (limit > 0) {
    ratelimits[name] = { simple: { limit, period } };
  }
}
if (limits !== null && typeof limits === "object") {
  const { addressPerMinute = 1_000, userPerSecond = 5 } = limits;
  bind("ADDRESS_LIMIT", addressPerMinute, 60);
  bind("USER_LIMIT", userPerSecond * 10, 10);
}

const miniflare = new Miniflare({
  modules: true,
  script: readFileSync(new URL("dist/index.js", root), "utf8"),
  compatibilityDate: wrangler.compatibility_date,
  compatibilityFlags: wrangler.compatibility_flags,
  bindings: Object.fromEntries(
    BINDINGS.filter((name) => process.env[name]).map((name) => [name, process.env[name]]),
  ),
  kvNamespaces: wrangler.kv_namespaces.map((namespace) => namespace.binding),
  kvPersist: process.env.KV_FOLDER ?? false,
  ratelimits,
  cf: false,
  // Clients connect to the Worker itself, with no other program between.
  unsafeDirectSockets: [{ host: "127.0.0.1", port: Number(process.env.PORT ?? "0") }],
});

const url = await miniflare.unsafeGetDirectURL();
console.log(`listening on ${url.port}`);

const worker = await miniflare.getWorker();
createInterface({ input: process.stdin }).on("line", async (line) => {
  if (line === "cron") {
    const { outcome } = await worker.scheduled({ cron: "* * * * *" });
    console.log(`cron ${outcome}`);
  }
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, async () => {
    await miniflare.dispose();
    process.exit(0);
  });
}
