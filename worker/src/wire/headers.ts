// Which headers pass an edge.

import contract from "../../../contract/headers.json";

/** Meant for one connection only (RFC 9110, 7.6.1), and the body's length, which is set anew. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "content-length",
];

/** The headers that belong to MCPist alone, which neither a client nor an origin can send through the edge. */
const OWN = Object.values(contract)
  .flat()
  .map((name) => name.toLowerCase());

/**
 * What the edge has judged (the name by which it was asked, and whose page asked), what says where a request came from, and what
 * the edge must be able to read the answer: an encoded one could not be continued by another origin.
 */
const NOT_TO_ORIGIN = new Set([
  ...HOP_BY_HOP,
  ...OWN,
  "host",
  "origin",
  "expect",
  "accept-encoding",
  "forwarded",
  "via",
  "cdn-loop",
  "x-real-ip",
  "x-client-ip",
  "true-client-ip",
  "x-original-url",
  "x-rewrite-url",
  "x-original-host",
  "x-http-method-override",
]);
const FORWARDED = "x-forwarded-";
/** Cloudflare's own, about the client and the way that it came. */
const CLOUDFLARE = "cf-";

// fetch has decoded what was encoded all the same.
const NOT_TO_CLIENT = new Set([
  ...HOP_BY_HOP,
  ...OWN,
  "server",
  "via",
  "alt-svc",
  "x-powered-by",
  "content-encoding",
]);

/** What a client may say to an origin. */
export function toOrigin(from: Headers): Headers {
  return copy(from, NOT_TO_ORIGIN);
}

/** What an origin may say to a client. */
export function toClient(from: Headers): Headers {
  return copy(from, NOT_TO_CLIENT);
}

/** Returns the bytes of the names and values, which have one for each character. */
export function lengthOf(headers: Headers): number {
  let length = 0;
  for (const [name, value] of headers) {
    length += name.length + value.length;
  }
  return length;
}

function copy(from: Headers, dropped: ReadonlySet<string>): Headers {
  const nominated = nominatedBy(from.get("Connection"));
  const to = new Headers();
  for (const [name, value] of from) {
    const key = name.toLowerCase();
    const passes =
      !dropped.has(key) &&
      !key.startsWith(FORWARDED) &&
      !key.startsWith(CLOUDFLARE) &&
      !nominated.has(key);
    if (passes) {
      to.append(name, value);
    }
  }
  return to;
}

/** The headers that Connection names as meant for this connection only. */
function nominatedBy(connection: string | null): ReadonlySet<string> {
  return new Set((connection ?? "").split(",").map((name) => name.trim().toLowerCase()));
}
