import { env } from "cloudflare:test";
import type { Env } from "../src/config/secrets";

interface Settings {
  readonly [name: string]: unknown;
  readonly edge?: object;
}

/**
 * What a Worker is bound to whose isolate knows nothing yet. Unless a test says otherwise nobody is asked who calls, and an origin may
 * be silent for longer than an attempt lasts: the machine may be busy with much else.
 */
export function bindings(settings: Settings, more: Env = {}): Env {
  const edge = { waitSeconds: 30, idleTimeoutMillis: 3_600_000, ...settings.edge };
  const open = { host: crypto.randomUUID(), auth: "none", limits: "none" };
  const { STATE } = env as unknown as Required<Pick<Env, "STATE">>;
  const config = JSON.stringify({ ...open, ...settings, edge });
  return { EDGE_CONFIG: config, GATEWAY_SECRET: "secret", STATE, ...more };
}
