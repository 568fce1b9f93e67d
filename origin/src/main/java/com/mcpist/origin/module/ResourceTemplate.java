package com.mcpist.origin.module;

import tools.jackson.databind.node.ObjectNode;

/**
 * Resources whose URI has variables, each a part of the URI without a slash: {@code
 * notes://{user}/{id}}.
 *
 * @param definition MCP's ResourceTemplate object: uriTemplate, name, title, description, mimeType
 * @param handler reads one of them
 */
public record ResourceTemplate(ObjectNode definition, Resource.Handler handler) {
  /** The template, in the form {@code scheme://fixed/{variable}}. */
  public String uriTemplate() {
    return definition.path("uriTemplate").asString();
  }
}
