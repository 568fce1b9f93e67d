package com.mcpist.edge.gate.auth;

import java.net.URI;
import java.util.Comparator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a client is told what to bring: the WWW-Authenticate header, and RFC 9728's metadata. Pure.
 */
public final class Challenge {
  private static final String METADATA_PATH = "/.well-known/oauth-protected-resource";

  private final Authentication.Required required;
  private final String scope;

  /** Of an edge that asks for this. */
  public Challenge(Authentication.Required required) {
    this.required = required;
    JwtSettings jwt = required.jwt();
    this.scope =
        jwt == null
            ? ""
            : jwt.scopes().stream()
                .sorted(Comparator.naturalOrder())
                .collect(Collectors.joining(" "));
  }

  /** The value of WWW-Authenticate for one who is refused. */
  public String header(Verdict.Reason reason) {
    StringBuilder value = new StringBuilder("Bearer realm=\"mcpist\"");
    if (required.jwt() != null) {
      add(value, "resource_metadata", metadataUri().toString());
      if (!scope.isEmpty()) {
        add(value, "scope", scope);
      }
    }
    if (reason != Verdict.Reason.UNAUTHENTICATED) {
      add(value, "error", error(reason));
      add(value, "error_description", reason.description());
    }
    return value.toString();
  }

  /** As RFC 6750 names it. */
  private static String error(Verdict.Reason reason) {
    return switch (reason) {
      case MALFORMED -> "invalid_request";
      case INSUFFICIENT_SCOPE -> "insufficient_scope";
      default -> "invalid_token";
    };
  }

  private static void add(StringBuilder value, String name, String text) {
    value.append(", ").append(name).append("=\"").append(text).append('"');
  }

  /** RFC 9728: the well-known path goes between the host and the resource's own path. */
  private URI metadataUri() {
    return required.resource().resolve(METADATA_PATH + required.resource().getRawPath());
  }

  /** The protected resource's metadata as JSON; null: only keys are taken, which nobody issues. */
  public @Nullable String metadata() {
    JwtSettings jwt = required.jwt();
    if (jwt == null) {
      return null;
    }
    ObjectNode metadata = JsonMapper.shared().createObjectNode();
    metadata.put("resource", required.resource().toString());
    metadata.putArray("authorization_servers").add(jwt.issuer());
    metadata.putArray("bearer_methods_supported").add("header");
    if (!jwt.scopes().isEmpty()) {
      var scopes = metadata.putArray("scopes_supported");
      jwt.scopes().stream().sorted().forEach(scopes::add);
    }
    return metadata.put("resource_name", "MCPist").toString();
  }
}
