import { newCallId } from "../call/uuid";
import type { Alerts, Webhook } from "../config/config";
import type { Outage, Store } from "./store";

const TIMEOUT_MILLIS = 10_000;
/** An outage that is shorter is no alert. */
const LONGEST_SILENT_MILLIS = 30_000;
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Tells webhooks that no origin answers, and that one answers again: all else an origin tells. Each is told once, by a mark in KV, and
 * by the next run where it does not take it.
 *
 * @param none whether no origin can be given calls
 */
export async function tellOutage(
  { service, webhooks }: Alerts,
  store: Store,
  env: Readonly<Record<string, unknown>>,
  none: boolean,
  now: number,
): Promise<void> {
  if (webhooks.length === 0) {
    return;
  }
  const known = await store.readOutage();
  if (none && known?.ended !== null) {
    const told = known?.told ?? [];
    await store.writeOutage({ id: newCallId(), at: now, ended: null, told });
    return;
  }
  if (known === null || (none && now - known.at < LONGEST_SILENT_MILLIS)) {
    return;
  }
  const outage = { ...known, ended: none ? null : (known.ended ?? now) };
  const due = webhooks.filter(({ name }) => outage.told.includes(name) !== none);
  const posted = await Promise.all(
    due.map(async (webhook) =>
      (await post(webhook, env[webhook.secret], service, outage)) ? [webhook.name] : [],
    ),
  );
  const done = posted.flat();
  const told = none
    ? [...outage.told, ...done]
    : outage.told.filter((name) => !done.includes(name) && webhooks.some((w) => w.name === name));
  if (!none && told.length === 0) {
    await store.deleteOutage();
  } else if (done.length > 0 || outage.ended !== known.ended) {
    await store.writeOutage({ ...outage, told });
  }
}

/** Whether the webhook has taken it. Nothing here says the address: it has a token in it. */
async function post(
  { name, type, secret }: Webhook,
  address: unknown,
  service: string,
  outage: Outage,
): Promise<boolean> {
  const url = urlOf(address);
  if (url === null) {
    console.warn(`No alerts to ${name}: ${secret} is not set, or does not start with https://`);
    return false;
  }
  const { headers, body } = message(type, service, outage);
  const init = {
    method: "POST",
    headers,
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MILLIS),
  } as const;
  try {
    const response = await fetch(url, init);
    await response.body?.cancel();
    if (!response.ok) {
      console.warn(`An alert to ${name} waits: HTTP ${response.status}`);
    }
    return response.ok;
  } catch {
    console.warn(`An alert to ${name} waits: no answer`);
    return false;
  }
}

/** Null: no address that may be told anything. */
function urlOf(address: unknown): URL | null {
  try {
    const url = new URL(String(address).trim());
    const plain = url.protocol === "http:" && LOOPBACK.includes(url.hostname);
    return url.protocol === "https:" || plain ? url : null;
  } catch {
    return null;
  }
}

/** As origins write theirs. */
export function message(
  type: Webhook["type"],
  service: string,
  { id, at, ended }: Outage,
): { headers: Record<string, string>; body: string } {
  const words =
    ended === null
      ? "no origin answers"
      : `an origin answers again, after ${Math.floor((ended - at) / 1_000)} s`;
  const when = new Date(ended ?? at).toISOString().replace(/\.\d+/, "");
  const line = `${when} ${ended === null ? "down" : "up"}: ${words}`;
  if (type === "ntfy") {
    const [priority, tags] =
      ended === null ? ["high", "rotating_light"] : ["default", "white_check_mark"];
    return { headers: { Title: service, Priority: priority, Tags: tags }, body: line };
  }
  const text = `${service}: ${line}`;
  const event = {
    id,
    kind: "outage",
    origin: null,
    message: words,
    at: new Date(at).toISOString(),
    ended: ended === null ? null : new Date(ended).toISOString(),
    data: {},
  };
  const bodies = {
    slack: { text },
    // Nobody is called by a name in it.
    discord: { content: text, allowed_mentions: { parse: [] } },
    json: [event],
  };
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(bodies[type]) };
}
