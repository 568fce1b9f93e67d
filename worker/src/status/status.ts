import { dropBody, NOTHING, takeIn } from "../call/intake";
import { bearsAdminToken, type Env, isOneOf, values } from "../config/secrets";
import type { Edge } from "../edge";
import { LOCAL } from "../gate/auth/caller";
import { reject } from "../gate/rejection";
import { STATUS_PATH } from "../gate/route";
import type { Prober } from "../monitor/monitor";
import { ownHeaders } from "../wire/security-headers";
import { languageOf, ownPage, ownPublicPage, signInForm } from "./documents";
import { Viewer, Viewers } from "./live";
import { type Asked, Means, StatusPages } from "./page";
import { hasSession, noCookie, sessionCookie } from "./session";

const MAX_FORM_BYTES = 4 * 1024;
const MAX_CALL_LENGTH = 256;

/** Those of this isolate. */
const viewers = new Viewers();
const pages = new WeakMap<Edge, StatusPages>();

function pagesOf(edge: Edge): StatusPages {
  const known = pages.get(edge) ?? new StatusPages(edge);
  pages.set(edge, known);
  return known;
}

/** What a browser asks by /status: the page of whoever has the admin token, and one for everybody. */
export async function answerStatus(
  request: Request,
  path: string,
  env: Env,
  edge: Edge,
  prober: Prober,
): Promise<Response> {
  const what = path.slice(STATUS_PATH.length);
  const isThere =
    what === "/public" ? edge.config.publicStatus : values(env.ADMIN_TOKEN).length > 0;
  if (!isThere) {
    await dropBody(request);
    return reject("notFound", request, false);
  }
  switch (what) {
    case "/public":
      return await publicPage(request, edge, new Means(prober));
    case "/sign-in":
      return await signIn(request, env, edge);
    case "/sign-out":
      await dropBody(request);
      return seePage(noCookie(request));
  }
  const signedIn = await hasSession(request, env);
  if (!signedIn && !(await bearsAdminToken(request, env))) {
    return await signInForm(languageIn(request), false);
  }
  return what === "/events"
    ? follow(request, edge, signedIn, new Means(prober))
    : await page(request, edge, signedIn, new Means(prober));
}

async function page(
  request: Request,
  edge: Edge,
  signedIn: boolean,
  means: Means,
): Promise<Response> {
  const language = languageIn(request);
  const typed = new URL(request.url).searchParams.get("call")?.trim() ?? "";
  const call = typed === "" ? null : typed.slice(0, MAX_CALL_LENGTH).toWellFormed();
  const asked: Asked = { part: "page", language, call, live: true, signedIn };
  const answer = await pagesOf(edge).ask(asked, means);
  return answer === null
    ? await ownPage(language, edge)
    : new Response(answer.html, { headers: answer.headers });
}

async function publicPage(request: Request, edge: Edge, means: Means): Promise<Response> {
  const language = languageIn(request);
  const answer = await pagesOf(edge).askPublic(language, means);
  const response =
    answer === null
      ? await ownPublicPage(language, edge)
      : new Response(answer.html, { headers: answer.headers });
  response.headers.set("Cache-Control", "public, max-age=60");
  response.headers.set("Vary", "Accept-Language");
  return response;
}

function follow(request: Request, edge: Edge, signedIn: boolean, means: Means): Response {
  const language = new URL(request.url).searchParams.get("lang") === "ja" ? "ja" : "en";
  const viewer = new Viewer(edge, pagesOf(edge), language, signedIn, means, request.signal);
  const events = viewers.enter(viewer, means.prober.ctx);
  const headers = ownHeaders({ "Content-Type": "text/event-stream" });
  return events === null ? reject("overloaded", request, false) : new Response(events, { headers });
}

async function signIn(request: Request, env: Env, edge: Edge): Promise<Response> {
  const lease = edge.lease(request, LOCAL);
  const body = await takeIn(request, MAX_FORM_BYTES, lease).catch(() => NOTHING);
  lease.give();
  if (typeof body === "string") {
    return reject(body, request, false);
  }
  const token = new URLSearchParams(new TextDecoder().decode(body)).get("token") ?? "";
  return (await isOneOf(token.trim(), env.ADMIN_TOKEN))
    ? seePage(await sessionCookie(request, env))
    : await signInForm(languageIn(request), true);
}

function seePage(cookie: string): Response {
  const headers = ownHeaders({ Location: STATUS_PATH, "Set-Cookie": cookie });
  headers.delete("Content-Type");
  return new Response(null, { status: 303, headers });
}

function languageIn(request: Request) {
  return languageOf(request.headers.get("Accept-Language"));
}
