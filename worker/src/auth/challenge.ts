import type { Required } from "../config/auth";
import type { Reason } from "./verdict";

const METADATA_PATH = "/.well-known/oauth-protected-resource";

/** What the client is told, in the words of an error_description. */
const DESCRIPTIONS: Readonly<Record<Reason, string>> = {
  unauthenticated: "",
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
    const error = reason === "insufficientScope" ? "insufficient_scope" : "invalid_token";
    parts.push(`error="${error}"`, `error_description="${DESCRIPTIONS[reason]}"`);
  }
  return parts.join(", ");
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
