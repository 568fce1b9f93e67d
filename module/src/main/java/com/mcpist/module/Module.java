package com.mcpist.module;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A set of tools that belong together, and what goes with them. A public class without parameters
 * implements it; {@code META-INF/services} names it. Every list is in the order in which clients
 * see it, and stays as it is while the module does not {@linkplain #changes change}.
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

  /** What the client's model should know of the whole; it may be long, and is empty as a rule. */
  default String instructions() {
    return "";
  }

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

  /** What reads a resource that is in no list; asked after all lists. */
  default Optional<Resource.Handler> unlisted() {
    return Optional.empty();
  }

  /** Whether its lists may change while the origin runs, which is told of then. */
  default boolean changes() {
    return false;
  }

  /**
   * Whether its lists are known yet: before that an origin answers nothing that depends on them.
   */
  default boolean known() {
    return true;
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

    /** The work of a prompt. May block, and changes nothing. */
    @FunctionalInterface
    public interface Handler {
      /**
       * Makes MCP's GetPromptResult; the call's arguments are the prompt's. Throws as {@link
       * Tool.Handler#run} does.
       */
      ObjectNode get(ToolCall call) throws Exception;
    }

    /** A result of MCP's PromptMessage objects. */
    public static ObjectNode messages(ObjectNode... messages) {
      ObjectNode result = JsonNodeFactory.instance.objectNode();
      result.putArray("messages").addAll(List.of(messages));
      return result;
    }
  }

  /** A resource at a fixed URI, as MCP's Resource object. */
  record Resource(ObjectNode definition, Resource.Handler handler) {
    public String uri() {
      return definition.path("uri").asString();
    }

    /** The work of a resource. May block, and changes nothing. */
    @FunctionalInterface
    public interface Handler {
      /**
       * Reads the resource at the URI that was asked for, as MCP's ReadResourceResult; empty when
       * there is no such resource. The call's arguments are the values of the URI template's
       * variables, as strings. Throws as {@link Tool.Handler#run} does.
       */
      Optional<ObjectNode> read(String uri, ToolCall call) throws Exception;

      /**
       * Tells this user the URI of what has changed, the resource's or that of a part, each time
       * until what is returned is run, once or more. Empty where it does not know. May block.
       */
      default Optional<Runnable> watch(String uri, String user, Consumer<String> changed) {
        return Optional.empty();
      }
    }

    /** A result of MCP's TextResourceContents or BlobResourceContents objects. */
    public static Optional<ObjectNode> contents(ObjectNode... contents) {
      ObjectNode result = JsonNodeFactory.instance.objectNode();
      result.putArray("contents").addAll(List.of(contents));
      return Optional.of(result);
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

  /** Completes the arguments of a prompt, of that name, or the variables of that URI template. */
  record Completion(String of, Completion.Handler handler) {
    private static final int MOST = 100;

    /** The work of a completion. May block, and changes nothing. */
    @FunctionalInterface
    public interface Handler {
      /**
       * Proposes values for an argument while a person types it, as MCP's CompleteResult. What has
       * been typed so far may be empty; the call's arguments are those that the client has settled
       * already, as strings. Of an exception the client sees a correlation id only.
       */
      ObjectNode complete(String argument, String typed, ToolCall call) throws Exception;
    }

    /** A result of values, the best first; clients get the first hundred. */
    public static ObjectNode values(List<String> values) {
      ObjectNode result = JsonNodeFactory.instance.objectNode();
      ObjectNode completion = result.putObject("completion");
      var shown = completion.putArray("values");
      values.stream().limit(MOST).forEach(shown::add);
      completion.put("total", values.size()).put("hasMore", values.size() > MOST);
      return result;
    }
  }
}
