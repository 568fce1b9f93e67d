import { administer } from "./admin/admin";
import { Call } from "./call/call";
import { nobody, unhealthy } from "./call/client";
import { dropBody, NOTHING, takeIn } from "./call/intake";
import { passEvent } from "./call/webhook";
import type { Config } from "./config/config";
import { ConfigError } from "./config/schema";
import { type Env, sentSecret } from "./config/secrets";
import { type Edge, edgeOf } from "./edge";
import { type Caller, LOCAL } from "./gate/auth/caller";
import type { Entry, Refusal } from "./gate/gate";
import { passes, reject, rejectionOf } from "./gate/rejection";
import { type Route, routeOf, target, WEBHOOK_PATH } from "./gate/route";
import { tellOutage } from "./monitor/alerts";
import { keepTick, watchOrigins } from "./monitor/cron";
import { type Prober, prober } from "./monitor/monitor";
import type { Store } from "./monitor/store";
import { answerStatus } from "./status/status";
import { readBody, UNREADABLE } from "./wire/payload";
import { ownHeaders } from "./wire/security-headers";

const OPEN: Entry = { kind: "open", caller: LOCAL };
/** Of a refused call: a longer one is refused with HTTP's status. */
const MAX_REFUSED_BYTES = 64 * 1024;
const NO_SECRET = "GATEWAY_SECRET is not set, or is not printable ASCII without spaces";

async function answer(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const { path } = target(request.url);
  const asked = routeOf(request.method, path);
  const edge = configured(env);
  if (edge === null) {
    return notSetUp(request, asked);
  }
  const route = path === WEBHOOK_PATH && !edge.config.billing ? "notFound" : asked;
  const rejection = rejectionOf(route, request.headers, edge.config.forwarding);
  // A call is counted by the gate, once it is known who calls.
  const isCall = route === "mcp" && rejection === null;
  const refusal = isCall ? null : await edge.gate.address(request);
  if (refusal === null && route === "admin") {
    return await administer(request, path, env, edge, ctx);
  }
  if (refusal !== null || rejection !== null) {
    await dropBody(request);
    const why = refusal?.rejection ?? rejection ?? "notFound";
    return reject(why, request, keepsCalls(edge), refusal?.headers);
  }
  const gatewaySecret = sentSecret(env);
  if (gatewaySecret === null) {
    console.error(`${NO_SECRET}: no call is forwarded`);
    return notSetUp(request, route);
  }
  if (route === "metadata") {
    return metadata(edge.gate.metadata, request);
  }
  if (route === "status") {
    return await answerStatus(request, path, env, edge, prober(ctx, gatewaySecret));
  }
  if (route === "webhook") {
    await lookAround(edge, gatewaySecret, ctx);
    return await passEvent(request, edge, gatewaySecret);
  }
  const entry = route === "mcp" ? await edge.gate.enter(request, ctx) : OPEN;
  return entry.kind === "closed"
    ? await refuse(request, edge, entry.refusal)
    : await forward(request, edge, gatewaySecret, entry.caller, ctx);
}

function keepsCalls({ monitor }: Edge): boolean {
  return monitor.keepCalls === true;
}

/** Refuses a call whose head is well; of one that may pass later, the ids are read. */
async function refuse(
  request: Request,
  edge: Edge,
  { rejection, headers }: Refusal,
): Promise<Response> {
  const lease = edge.lease(request, LOCAL);
  const body =
    request.method === "POST" && passes(rejection)
      ? await takeIn(request, MAX_REFUSED_BYTES, lease).catch(() => NOTHING)
      : await dropBody(request);
  const payload = typeof body === "string" ? UNREADABLE : readBody(body);
  lease.give();
  return reject(rejection, request, keepsCalls(edge), headers, payload);
}

/** Pages of any site may read it. */
function metadata(json: string | null, request: Request): Response {
  const headers = ownHeaders({
    "Cache-Control": "max-age=3600",
    "Access-Control-Allow-Origin": "*",
  });
  return json === null ? reject("notFound", request, false) : new Response(json, { headers });
}

async function forward(
  request: Request,
  edge: Edge,
  gatewaySecret: string,
  caller: Caller,
  ctx: ExecutionContext,
): Promise<Response> {
  const { path, query } = target(request.url);
  const route = routeOf(request.method, path);
  if (route === "mcp" && edge.holdsBack(caller)) {
    return await refuse(request, edge, { rejection: "rateLimited", headers: {} });
  }
  const lease = edge.lease(request, caller);
  const { maxBodyBytes } = edge.config.forwarding;
  // Where no body belongs, none takes room.
  const body =
    route === "mcp"
      ? await takeIn(request, maxBodyBytes, lease).catch(() => null)
      : await dropBody(request);
  if (body === null || typeof body === "string") {
    lease.give();
    return body === null ? nobody() : reject(body, request, keepsCalls(edge));
  }
  lease.renew(Date.now());
  const probes = await lookAround(edge, gatewaySecret, ctx);
  const taken = {
    request,
    route,
    path,
    query,
    body,
    caller,
    lease,
    gatewaySecret,
    ctx,
    prober: probes,
  };
  return await new Call(edge, taken).respond();
}

/** Before an origin is chosen: looks which one is well. */
async function lookAround(
  edge: Edge,
  gatewaySecret: string,
  ctx: ExecutionContext,
): Promise<Prober> {
  await edge.look(ctx);
  const probes = prober(ctx, gatewaySecret);
  edge.monitor.probeWhatIsNotWell(probes);
  edge.monitor.probeWhatIsUnknown(probes);
  edge.tell(probes);
  return probes;
}

/** Null, and said in the log, when the configuration is not well. */
function configured(env: Env): Edge | null {
  try {
    return edgeOf(env);
  } catch (error) {
    if (error instanceof ConfigError) {
      console.error(error.message);
      return null;
    }
    throw error;
  }
}

function notSetUp(request: Request, route: Route): Response {
  return route === "health" ? unhealthy() : reject("misconfigured", request, false);
}

export default {
  fetch: answer,

  async scheduled(_controller, env, ctx): Promise<void> {
    const edge = configured(env);
    const gatewaySecret = sentSecret(env);
    if (edge === null || gatewaySecret === null || edge.store === null) {
      console.error(`The origins are not watched: ${notWatched(edge, gatewaySecret)}`);
      return;
    }
    const by = prober(ctx, gatewaySecret);
    // That one fails is no reason for the other not to run.
    const runs = await Promise.allSettled([
      watch(edge.config, edge.store, env, by),
      keepTick(edge.store, env.RELEASE ?? ""),
    ]);
    for (const run of runs) {
      if (run.status === "rejected") {
        console.error("KV does not answer the cron trigger:", String(run.reason));
      }
    }
    edge.tell(by);
  },
} satisfies ExportedHandler<Env>;

async function watch(config: Config, store: Store, env: Env, by: Prober): Promise<void> {
  const none = await watchOrigins(config, store, by);
  await tellOutage(config.alerts, store, env as Record<string, unknown>, none, Date.now());
}

function notWatched(edge: Edge | null, gatewaySecret: string | null): string {
  if (edge === null) {
    return "EDGE_CONFIG is not well";
  }
  return gatewaySecret === null ? NO_SECRET : "the KV namespace STATE is not bound";
}
