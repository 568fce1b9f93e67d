import { answerTo } from "../call/call-error";
import { newCallId } from "../call/uuid";
import type { ForwardingSettings } from "../config/config";
import { type Payload, requestsOf, UNREADABLE } from "../wire/payload";
import { ownHeaders } from "../wire/security-headers";
import { mayAsk, namesEdge } from "./host-names";
import { allowed, type Route, routeOf, target } from "./route";

interface Kind {
  readonly status: number;
  readonly code: string;
  readonly sentence: string;
  /** Whether the same request may get in soon, so that its client is to send it again. */
  readonly passes?: boolean;
}

/** Why an edge answers a request itself, before any origin has seen it. */
const REJECTIONS = {
  invalidRequest: {
    status: 400,
    code: "invalid_request",
    sentence: "A key or token is taken once, as Authorization: Bearer, and from no query.",
  },
  unauthenticated: {
    status: 401,
    code: "unauthenticated",
    sentence: "This server asks for a key or a token: Authorization: Bearer.",
  },
  invalidToken: {
    status: 401,
    code: "invalid_token",
    sentence: "The key or token is not valid here, or not any more.",
  },
  insufficientScope: {
    status: 403,
    code: "insufficient_scope",
    sentence: "The token lacks a scope that this server asks for.",
  },
  foreignOrigin: {
    status: 403,
    code: "bad_origin",
    sentence: "Pages of this Origin may not ask this server.",
  },
  notFound: { status: 404, code: "not_found", sentence: "There is nothing at this path." },
  wrongMethod: {
    status: 405,
    code: "method_not_allowed",
    sentence: "This path does not take this method.",
  },
  slowBody: {
    status: 408,
    code: "request_timeout",
    sentence: "The request's body did not come in time.",
  },
  bodyTooLarge: {
    status: 413,
    code: "body_too_large",
    sentence: "The request's body is larger than this server takes.",
  },
  wrongHost: {
    status: 421,
    code: "wrong_host",
    sentence: "This server is not asked by this name: see allowedHosts.",
  },
  rateLimited: {
    status: 429,
    code: "rate_limited",
    sentence: "Too many requests.",
    passes: true,
  },
  authUnavailable: {
    status: 503,
    code: "auth_unavailable",
    sentence: "Tokens cannot be verified at the moment.",
    passes: true,
  },
  misconfigured: {
    status: 500,
    code: "misconfigured",
    sentence: "This server is not set up: its log says what is missing.",
  },
  overloaded: {
    status: 503,
    code: "overloaded",
    sentence: "The server holds as much as it can at the moment.",
    passes: true,
  },
} satisfies Record<string, Kind>;

/** As much as an origin takes of an event of Stripe's. */
export const MAX_EVENT_BYTES = 256 * 1024;

export type Rejection = keyof typeof REJECTIONS;

/** Why the request is turned away at its head; null: it is not. */
export function rejectionOf(
  route: Route,
  headers: Headers,
  settings: ForwardingSettings,
): Rejection | null {
  if (route === "notFound" || route === "wrongMethod") {
    return route;
  }
  // Who asks for the health may do so by any name, and it is nothing to hide.
  if (route !== "health" && route !== "admin") {
    const host = headers.get("Host") ?? "";
    if (!namesEdge(settings.allowedHosts, host)) {
      return "wrongHost";
    }
    const origin = headers.get("Origin");
    // The metadata may be read by pages of any site that look for the way in (RFC 9728).
    if (route !== "metadata" && origin !== null && !mayAsk(settings.allowedHosts, origin, host)) {
      return "foreignOrigin";
    }
    if (route === "status" && isEmbedded(headers)) {
      return "foreignOrigin";
    }
  }
  const most = route === "webhook" ? MAX_EVENT_BYTES : settings.maxBodyBytes;
  return declaredBytes(headers) > most ? "bodyTooLarge" : null;
}

/** Whether a page of another site asks, which has no Origin where it cannot read the answer. */
function isEmbedded(headers: Headers): boolean {
  return (
    headers.get("Sec-Fetch-Site") === "cross-site" && headers.get("Sec-Fetch-Dest") !== "document"
  );
}

/** The length of the body that a head gives, or 0 where it gives none. */
export function declaredBytes(headers: Headers): number {
  const length = Number(headers.get("Content-Length") ?? "0");
  return Number.isFinite(length) ? length : Number.MAX_SAFE_INTEGER;
}

/** Whether it is for a while only. */
export function passes(rejection: Rejection): boolean {
  const kind: Kind = REJECTIONS[rejection];
  return kind.passes ?? false;
}

/**
 * A JSON-RPC error where JSON-RPC is spoken, a plain object elsewhere; an id in either.
 *
 * @param keepsCalls whether the origins know a call again that is sent again
 * @param payload the request's, as far as it was read: its error is its answer, since many clients do not live through another status
 */
export function reject(
  rejection: Rejection,
  request: Request,
  keepsCalls: boolean,
  more: Readonly<Record<string, string>> = {},
  payload: Payload = UNREADABLE,
): Response {
  const { path } = target(request.url);
  const { status, code, sentence } = REJECTIONS[rejection];
  const id = newCallId();
  const headers = ownHeaders(more);
  if ((rejection === "overloaded" || rejection === "rateLimited") && !headers.has("Retry-After")) {
    headers.set("Retry-After", "1");
  }
  if (rejection === "wrongMethod") {
    headers.set("Allow", allowed(path));
  }
  if (routeOf(request.method, path) !== "mcp") {
    return new Response(JSON.stringify({ code, message: sentence, id }), { status, headers });
  }
  const key = request.headers.get("Idempotency-Key");
  const final = !passes(rejection);
  const error = { code, reason: sentence, final, callId: id, key, keepsCalls };
  const answers = requestsOf(payload).length > 0;
  return new Response(answerTo({ ...error, sent: "notAtAll", told: false, held: false }, payload), {
    status: answers ? 200 : status,
    headers,
  });
}
