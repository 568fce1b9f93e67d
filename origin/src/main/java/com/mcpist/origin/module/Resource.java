package com.mcpist.origin.module;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A resource at a fixed URI.
 *
 * @param definition MCP's Resource object: uri, name, title, description, mimeType
 * @param handler reads it
 */
public record Resource(ObjectNode definition, Handler handler) {
  /** The URI at which clients read it. */
  public String uri() {
    return definition.path("uri").asString();
  }

  /** The work of a resource. Runs on a virtual thread; may block, and changes nothing. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Reads the resource.
     *
     * @param uri the URI that was asked for
     * @param call its arguments are the values of the URI template's variables, as strings
     * @return MCP's TextResourceContents or BlobResourceContents objects; empty when there is no
     *     such resource
     * @throws ToolException for what the caller can mend; its message is shown to the client
     * @throws Exception for anything else; the client sees a correlation id only
     */
    List<ObjectNode> read(String uri, ToolCall call) throws Exception;
  }

  /**
   * Resources whose URI has variables, each a part of the URI without a slash: {@code
   * notes://{user}/{id}}.
   *
   * @param definition MCP's ResourceTemplate object: uriTemplate, name, title, description,
   *     mimeType
   * @param handler reads one of them
   */
  public record Template(ObjectNode definition, Handler handler) {
    /** The template, in the form {@code scheme://fixed/{variable}}. */
    public String uriTemplate() {
      return definition.path("uriTemplate").asString();
    }
  }
}
