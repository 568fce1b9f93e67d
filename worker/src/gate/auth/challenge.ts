import type { Required } from "../../config/config";
import type { Reason } from "./verdict";

const METADATA_PATH = "/.well-known/oauth-protected-resource";

/** What the client is told, in the words of an error_description. */
const DESCRIPTIONS: Readonly<Record<Reason, string>> = {
  unauthenticated: "",
  malformed: "A token is taken once, as Authorization: Bearer, and from no query",
  invalid: "The key or token is not valid",
  expired: "The token has expired",
  wrongAudience: "The token is not for this server",
  insufficientScope: "The token lacks a scope",
  unavailable: "",
};

/** The value of WWW-Authenticate for one who is refused. */
export function challenge(required: Required, reason: Reason): string {
  const { jwt, resource } = required;
  const parts = ['Bearer realm="mcpist"'];
  if (jwt !== null) {
    // RFC 9728: the well-known path goes between the host and the resource's own path.
    const { origin, pathname } = new URL(resource);
    parts.push(`resource_metadata="${origin}${METADATA_PATH}${pathname}"`);
    if (jwt.scopes.length > 0) {
      parts.push(`scope="${jwt.scopes.join(" ")}"`);
    }
  }
  if (reason !== "unauthenticated") {
    parts.push(`error="${errorOf(reason)}"`, `error_description="${DESCRIPTIONS[reason]}"`);
  }
  return parts.join(", ");
}

/** As RFC 6750 names it. */
function errorOf(reason: Reason): string {
  switch (reason) {
    case "malformed":
      return "invalid_request";
    case "insufficientScope":
      return "insufficient_scope";
    default:
      return "invalid_token";
  }
}

/** The protected resource's metadata (RFC 9728) as JSON; null: only keys are taken, which nobody issues. */
export function metadata({ resource, jwt }: Required): string | null {
  return jwt === null
    ? null
    : JSON.stringify({
        resource,
        authorization_servers: [jwt.issuer],
        bearer_methods_supported: ["header"],
        ...(jwt.scopes.length > 0 ? { scopes_supported: jwt.scopes } : {}),
        resource_name: "MCPist",
      });
}
