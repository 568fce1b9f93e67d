/** What an edge does with a request, by its method and its path. */
export type Route =
  | "mcp"
  | "metadata"
  | "health"
  | "status"
  | "webhook"
  | "admin"
  | "wrongMethod"
  | "notFound";

export const HEALTH_PATH = "/health";
export const MCP_PATH = "/mcp";
export const ADMIN_PREFIX = "/api/edge/";
/** The status page's, with the method that each takes. */
export const STATUS_PATH = "/status";
const STATUS_METHODS: ReadonlyMap<string, string> = new Map([
  [STATUS_PATH, "GET"],
  [`${STATUS_PATH}/events`, "GET"],
  [`${STATUS_PATH}/public`, "GET"],
  [`${STATUS_PATH}/sign-in`, "POST"],
  [`${STATUS_PATH}/sign-out`, "POST"],
]);
/** Where Stripe tells events. */
export const WEBHOOK_PATH = "/webhooks/stripe";
const METADATA_PATH = "/.well-known/oauth-protected-resource";
const MCP_METHODS = ["GET", "POST", "DELETE"];

/** The path and the query of a URL, as they were sent. */
export function target(url: string): { path: string; query: string } {
  const begin = url.indexOf("/", url.indexOf("//") + 2);
  const whole = begin < 0 ? "/" : url.slice(begin);
  const query = whole.indexOf("?");
  return query < 0
    ? { path: whole, query: "" }
    : { path: whole.slice(0, query), query: whole.slice(query) };
}

export function routeOf(method: string, path: string): Route {
  switch (path) {
    case MCP_PATH:
      return MCP_METHODS.includes(method) ? "mcp" : "wrongMethod";
    case METADATA_PATH:
    case METADATA_PATH + MCP_PATH:
      return method === "GET" ? "metadata" : "wrongMethod";
    case HEALTH_PATH:
      return method === "GET" ? "health" : "wrongMethod";
  }
  const forStatus = STATUS_METHODS.get(path);
  if (forStatus !== undefined) {
    return method === forStatus ? "status" : "wrongMethod";
  }
  if (path === WEBHOOK_PATH) {
    return method === "POST" ? "webhook" : "wrongMethod";
  }
  return path.startsWith(ADMIN_PREFIX) ? "admin" : "notFound";
}

/** The methods that the path takes, for an Allow header. */
export function allowed(path: string): string {
  if (path === WEBHOOK_PATH) {
    return "POST";
  }
  return path.startsWith(MCP_PATH) ? "GET, POST, DELETE" : (STATUS_METHODS.get(path) ?? "GET");
}
