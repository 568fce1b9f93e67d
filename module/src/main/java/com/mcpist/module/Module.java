package com.mcpist.module;

import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * A set of tools that belong together, and what goes with them. A public class without parameters
 * implements it; {@code META-INF/services} names it. Every list is in the order in which clients
 * see it, and never changes.
 */
public interface Module {
  /**
   * The module's name, lower case: the prefix of its tools' names and of its tables. Its migrations
   * are in {@code db/NAME} of its jar.
   */
  String name();

  /**
   * Called once, before all but the name. The settings are the environment variables that begin
   * with {@code MODULE_NAME_}, and those that all modules share; an empty one is absent. What it
   * throws stops the origin, with its message, which must not have a secret.
   */
  default void start(Map<String, String> settings) throws Exception {}

  default List<Tool> tools() {
    return List.of();
  }

  default List<Prompt> prompts() {
    return List.of();
  }

  /** The resources that have a fixed URI. */
  default List<Resource> resources() {
    return List.of();
  }

  /** The resources whose URI has variables; asked after the fixed ones, in order. */
  default List<Resource.Template> resourceTemplates() {
    return List.of();
  }

  /** What completes the arguments of prompts and the variables of templates. */
  default List<Completion> completions() {
    return List.of();
  }

  /**
   * Work that is no call's: asked for about every half minute by each origin, in a transaction of
   * its own, which is committed afterwards and has named no user. Returns whether it is to be asked
   * for again at once, as after one batch of several.
   */
  default boolean upkeep(Handle database) {
    return false;
  }

  /** A prompt that a person chooses in the client, as MCP's Prompt object. */
  record Prompt(ObjectNode definition, Prompt.Handler handler) {
    public String name() {
      return definition.path("name").asString();
    }

    /** The work of a prompt. Runs on a virtual thread; may block, and changes nothing. */
    @FunctionalInterface
    public interface Handler {
      /**
       * Makes the messages, MCP's PromptMessage objects; the call's arguments are the prompt's.
       * Throws as {@link Tool.Handler#run} does.
       */
      List<ObjectNode> messages(ToolCall call) throws Exception;
    }
  }

  /** A resource at a fixed URI, as MCP's Resource object. */
  record Resource(ObjectNode definition, Resource.Handler handler) {
    public String uri() {
      return definition.path("uri").asString();
    }

    /** The work of a resource. Runs on a virtual thread; may block, and changes nothing. */
    @FunctionalInterface
    public interface Handler {
      /**
       * Reads the resource at the URI that was asked for, as MCP's TextResourceContents or
       * BlobResourceContents objects; empty when there is no such resource. The call's arguments
       * are the values of the URI template's variables, as strings. Throws as {@link
       * Tool.Handler#run} does.
       */
      List<ObjectNode> read(String uri, ToolCall call) throws Exception;
    }

    /**
     * Resources whose URI has variables, each a part of the URI without a slash, as {@code
     * notes://{user}/{id}}; the definition is MCP's ResourceTemplate object.
     */
    public record Template(ObjectNode definition, Resource.Handler handler) {
      public String uriTemplate() {
        return definition.path("uriTemplate").asString();
      }
    }
  }

  /**
   * Completes one argument of a prompt, of that name, or one variable of a resource template, of
   * that URI template, while a person types.
   */
  record Completion(String of, String argument, Completion.Handler handler) {
    /** The work of a completion. Runs on a virtual thread; may block, and changes nothing. */
    @FunctionalInterface
    public interface Handler {
      /**
       * Proposes values, the best first; clients get the first hundred. What has been typed so far
       * may be empty; the call's arguments are those that the client has settled already, as
       * strings. Of an exception the client sees a correlation id only.
       */
      List<String> complete(String typed, ToolCall call) throws Exception;
    }
  }
}
