import { newCallId } from "../call/uuid";
import { bearsAdminToken, type Env, isOneOf, sentSecret, values } from "../config/secrets";
import { type Edge, kvIsAway } from "../edge";
import { ADMIN_PREFIX } from "../gate/route";
import { prober } from "../monitor/monitor";
import { wouldLeaveNone } from "../pool/state";
import { stateOf } from "../status/known";
import { ownHeaders } from "../wire/security-headers";
import { proveSecrets } from "./secret-check";

const ORIGIN = /^origins\/([^/]+)\/(drain|undrain)$/;

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
  await edge.lookAround(sentSecret(env) ?? "");
  if (origin === null) {
    return await report(env, edge);
  }
  const forced = new URL(request.url).searchParams.get("force") === "true";
  const changed = await change(origin[1] ?? "", origin[2] === "drain", forced, env, edge);
  edge.tell(prober(ctx, sentSecret(env) ?? ""));
  return changed;
}

/** What who may not ask is told. */
async function refusalOf(request: Request, env: Env, edge: Edge): Promise<Response | null> {
  const missing = missingOf(env, edge);
  if (missing.length > 0) {
    console.error(`${missing.join(", ")} not set: /api/edge/ is closed`);
    return fail(500, "misconfigured", "This server is not set up: its log says what is missing.");
  }
  if (!(await bearsAdminToken(request, env))) {
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
  const tick = (await edge.store?.readTick().catch(kvIsAway)) ?? null;
  const cron =
    tick === null ? null : { at: new Date(tick.at).toISOString(), release: tick.release };
  const origins = edge.config.origins.map(({ name, url }) => ({
    name,
    url,
    ...stateOf(edge, name, (instant) => instant),
  }));
  const quarantined = edge.quarantine.calls.map((call) => ({
    ...call,
    at: new Date(call.at).toISOString(),
  }));
  const { skewMillis: clockSkewMillis } = edge.monitor;
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
