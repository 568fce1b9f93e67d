import { newCallId } from "../call/uuid";
import { type Env, isOneOf, sentSecret, values } from "../config/secrets";
import type { Edge } from "../edge";
import { ADMIN_PREFIX } from "../gate/route";
import { prober } from "../monitor/monitor";
import { status, wouldLeaveNone } from "../pool/state";
import { ownHeaders } from "../wire/security-headers";
import { proveSecrets } from "./secret-check";

const ORIGIN = /^origins\/([^/]+)\/(drain|undrain)$/;
const BEARER = /^Bearer /i;
const BETWEEN_PROBES_MILLIS = 100;
/** Who asks waits for 5 s, in which as many probes must fit as make an origin unhealthy. */
const PROBE_MILLIS = 1_500;

/** What an operator asks of the edge, by /api/edge/. */
export async function administer(
  request: Request,
  path: string,
  env: Env,
  edge: Edge,
  ctx: ExecutionContext,
): Promise<Response> {
  const refusal = await refusalOf(request, env, edge);
  if (refusal !== null) {
    return refusal;
  }
  const what = path.slice(ADMIN_PREFIX.length);
  const origin = ORIGIN.exec(what);
  if (what !== "status" && what !== "secrets" && origin === null) {
    return fail(404, "not_found", "There is no such path.");
  }
  const method = what === "status" ? "GET" : "POST";
  if (request.method !== method) {
    return fail(405, "method_not_allowed", `This path takes ${method} only.`, { Allow: method });
  }
  if (what === "secrets") {
    return await secrets(request, env);
  }
  await lookAround(env, edge);
  if (origin === null) {
    return await report(env, edge);
  }
  const forced = new URL(request.url).searchParams.get("force") === "true";
  const changed = await change(origin[1] ?? "", origin[2] === "drain", forced, env, edge);
  edge.events.tell(prober(ctx, sentSecret(env) ?? ""));
  return changed;
}

/** What who may not ask is told. */
async function refusalOf(request: Request, env: Env, edge: Edge): Promise<Response | null> {
  const missing = missingOf(env, edge);
  if (missing.length > 0) {
    console.error(`${missing.join(", ")} not set: /api/edge/ is closed`);
    return fail(500, "misconfigured", "This server is not set up: its log says what is missing.");
  }
  const authorization = request.headers.get("Authorization") ?? "";
  const given = authorization.replace(BEARER, "");
  if (!BEARER.test(authorization) || !(await isOneOf(given, env.ADMIN_TOKEN))) {
    const message = "This needs Authorization: Bearer and the admin token.";
    return fail(401, "unauthorized", message, { "WWW-Authenticate": "Bearer" });
  }
  return null;
}

function missingOf(env: Env, edge: Edge): string[] {
  const bound = {
    ADMIN_TOKEN: values(env.ADMIN_TOKEN).length > 0,
    GATEWAY_SECRET: sentSecret(env) !== null,
    STATE: edge.store !== null,
  };
  return Object.entries(bound).flatMap(([name, there]) => (there ? [] : [name]));
}

/** An isolate may have had no call for a long time: what it says and decides here is what is so now. */
async function lookAround(env: Env, edge: Edge): Promise<void> {
  await edge.lookNow().catch(notRead);
  const { monitor } = edge.config;
  const timeoutMillis = Math.min(monitor.timeoutMillis, PROBE_MILLIS);
  const settings = { ...monitor, timeoutMillis, retries: 0 };
  await edge.monitor.settle(sentSecret(env) ?? "", settings, BETWEEN_PROBES_MILLIS);
}

async function change(
  name: string,
  drain: boolean,
  forced: boolean,
  env: Env,
  edge: Edge,
): Promise<Response> {
  const origin = edge.pool.state.origins.find((o) => o.name === name);
  if (origin === undefined) {
    return fail(404, "unknown_origin", "No origin has that name.");
  }
  if (drain && !forced && !origin.drained && wouldLeaveNone(edge.pool.state, name)) {
    const message = "Draining it would leave no healthy origin; ?force=true does it all the same.";
    return fail(409, "no_healthy_origin", message);
  }
  try {
    await edge.drain(name, drain);
  } catch (error) {
    console.error("KV does not take a change:", error);
    return fail(503, "not_stored", "The change could not be stored: nothing was done. Try again.");
  }
  return await report(env, edge);
}

function notRead(error: unknown): void {
  console.warn("KV does not answer; this isolate goes on by what it knows:", error);
}

async function secrets(request: Request, env: Env): Promise<Response> {
  const secret = request.headers.get("X-Gateway-Secret") ?? "";
  if (!(await isOneOf(secret, env.GATEWAY_SECRET))) {
    return fail(403, "forbidden", "This needs X-Gateway-Secret as well.");
  }
  const answer = await proveSecrets(await request.text(), env as Record<string, unknown>);
  return answer === null
    ? fail(400, "bad_request", "This takes a nonce and the names of secrets.")
    : json(200, answer);
}

async function report(env: Env, edge: Edge): Promise<Response> {
  const { pool, monitor, config } = edge;
  const tick = (await edge.store?.readTick().catch(notRead)) ?? null;
  const cron =
    tick === null ? null : { at: new Date(tick.at).toISOString(), release: tick.release };
  const origins = config.origins.map(({ name, url }) => {
    const state = pool.origin(name);
    const last = state.lastFailure;
    return {
      name,
      url,
      state: status(state),
      active: pool.state.active === name,
      release: monitor.release(name),
      lastFailure:
        last === null ? null : { at: new Date(last.at).toISOString(), reason: last.reason },
    };
  });
  const quarantined = edge.quarantine.calls.map((call) => ({
    ...call,
    at: new Date(call.at).toISOString(),
  }));
  const { skewMillis: clockSkewMillis } = monitor;
  const release = env.RELEASE ?? null;
  return json(200, { origins, release, cron, clockSkewMillis, quarantined });
}

function fail(
  code: number,
  error: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return json(code, { error: { code: error, message, correlationId: newCallId() } }, headers);
}

function json(code: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status: code, headers: ownHeaders(headers) });
}
