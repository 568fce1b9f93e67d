package com.mcpist.origin.mcp;

import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All that the modules offer, by name, in their order. Never changes. */
final class Catalog {
  /** A resource that was found, with the values of its template's variables. */
  record Found(Module.Resource.Handler handler, ObjectNode variables) {}

  private record Template(UriTemplate uri, Module.Resource.Template resource) {}

  private final Map<String, OfferedTool> tools;
  private final Map<String, Module.Prompt> prompts;
  private final Map<String, Module.Resource> resources;
  private final List<Template> templates;
  private final Map<String, Module.Completion> completions;
  final Listing toolList;
  final Listing promptList;
  final Listing resourceList;
  final Listing templateList;

  /**
   * Gathers what the modules offer and compiles every schema. Throws IllegalArgumentException when
   * two offer the same name, or a schema is not one.
   */
  Catalog(List<Module> modules) {
    tools =
        byName(
            modules.stream().flatMap(m -> m.tools().stream()).map(OfferedTool::of),
            t -> t.tool().name());
    prompts = byName(modules.stream().flatMap(m -> m.prompts().stream()), Module.Prompt::name);
    resources = byName(modules.stream().flatMap(m -> m.resources().stream()), Module.Resource::uri);
    templates =
        modules.stream()
            .flatMap(m -> m.resourceTemplates().stream())
            .map(t -> new Template(new UriTemplate(t.uriTemplate()), t))
            .toList();
    completions =
        byName(
            modules.stream().flatMap(m -> m.completions().stream()),
            c -> key(c.of(), c.argument()));
    toolList = listing("tools", tools.values(), t -> t.tool().definition());
    promptList = listing("prompts", prompts.values(), Module.Prompt::definition);
    resourceList = listing("resources", resources.values(), Module.Resource::definition);
    templateList = listing("resourceTemplates", templates, t -> t.resource().definition());
  }

  private static <T> Listing listing(
      String property, Collection<T> things, Function<T, ObjectNode> definition) {
    return new Listing(property, things.stream().map(definition).toList());
  }

  private static <T> Map<String, T> byName(Stream<T> things, Function<T, String> name) {
    Map<String, T> named = new LinkedHashMap<>();
    things.forEach(
        thing -> {
          if (named.put(name.apply(thing), thing) != null) {
            throw new IllegalArgumentException("Offered twice: " + name.apply(thing));
          }
        });
    return named;
  }

  private static String key(String of, String argument) {
    return of + "\n" + argument;
  }

  Optional<OfferedTool> tool(String name) {
    return Optional.ofNullable(tools.get(name));
  }

  Optional<Module.Prompt> prompt(String name) {
    return Optional.ofNullable(prompts.get(name));
  }

  /** The resource at a URI: a fixed one, or the first template that fits. */
  Optional<Found> resource(String uri) {
    Module.Resource fixed = resources.get(uri);
    if (fixed != null) {
      return Optional.of(new Found(fixed.handler(), Json.object()));
    }
    return templates.stream()
        .flatMap(t -> t.uri().match(uri).map(v -> new Found(t.resource().handler(), v)).stream())
        .findFirst();
  }

  Optional<Module.Completion> completion(String of, String argument) {
    return Optional.ofNullable(completions.get(key(of, argument)));
  }

  /** Whether there is a prompt or a template of this name that arguments can be completed for. */
  boolean completable(String of) {
    return prompts.containsKey(of)
        || templates.stream().anyMatch(t -> t.resource().uriTemplate().equals(of));
  }

  boolean offersPrompts() {
    return !prompts.isEmpty();
  }

  boolean offersResources() {
    return !resources.isEmpty() || !templates.isEmpty();
  }

  boolean offersCompletions() {
    return !completions.isEmpty();
  }

  /** A tool as it is called: its handler checks its output, the input's schema its arguments. */
  record OfferedTool(Tool tool, JsonSchema input, MirroredHeaders headers) {
    /** Compiles the tool's schemas. Throws IllegalArgumentException when one is not a schema. */
    static OfferedTool of(Tool tool) {
      JsonNode input = tool.definition().path("inputSchema");
      if (!input.path("type").asString("").equals("object")) {
        throw new IllegalArgumentException(tool.name() + ": inputSchema must be of type object");
      }
      JsonNode output = tool.definition().get("outputSchema");
      JsonSchema promise = output == null ? null : JsonSchema.compile(output);
      Tool.Handler checked = call -> check(tool, promise, call);
      return new OfferedTool(
          new Tool(tool.definition(), tool.effect(), checked),
          JsonSchema.compile(input),
          MirroredHeaders.of(input));
    }

    /** Checked inside the handler, so that a tool that breaks its promise has no effect either. */
    private static ToolResult check(Tool tool, @Nullable JsonSchema promise, ToolCall call)
        throws Exception {
      ToolResult result = tool.handler().run(call);
      if (promise != null && !result.isError()) {
        String problems =
            result.structured() == null
                ? "it has no structured content"
                : promise.problems(result.structured());
        if (!problems.isEmpty()) {
          throw new IllegalStateException(
              "The result of " + tool.name() + " is not valid by its outputSchema: " + problems);
        }
      }
      return result;
    }
  }

  /** A URI template of level 1 (RFC 6570), read backwards: from a URI to its variables' values. */
  static final class UriTemplate {
    private static final Pattern VARIABLE = Pattern.compile("\\{([A-Za-z0-9_]+)}");

    private final List<String> names = new ArrayList<>();
    private final Pattern pattern;

    UriTemplate(String template) {
      StringBuilder regex = new StringBuilder();
      Matcher variables = VARIABLE.matcher(template);
      int from = 0;
      while (variables.find()) {
        regex.append(Pattern.quote(template.substring(from, variables.start())));
        regex.append("([^/]+)");
        names.add(variables.group(1));
        from = variables.end();
      }
      regex.append(Pattern.quote(template.substring(from)));
      this.pattern = Pattern.compile(regex.toString());
    }

    /** The variables' values, as they stand in the URI, where it is one of this template. */
    Optional<ObjectNode> match(String uri) {
      Matcher matcher = pattern.matcher(new JsonSchema.BoundedText(uri));
      try {
        if (!matcher.matches()) {
          return Optional.empty();
        }
      } catch (JsonSchema.BoundedText.ExhaustedException e) {
        // Several variables in one part of the path can be told apart in many ways.
        return Optional.empty();
      }
      ObjectNode values = Json.object();
      for (int i = 0; i < names.size(); i++) {
        values.put(names.get(i), matcher.group(i + 1));
      }
      return Optional.of(values);
    }
  }

  /**
   * A list that clients read in pages, in a fixed order. A cursor is the place of the page's first
   * entry, so that any origin can go on where another one stopped.
   */
  static final class Listing {
    /** Long enough that no server of ordinary size has a second page. */
    static final int PAGE = 250;

    private final List<ObjectNode> pages = new ArrayList<>();

    /** Cuts a list into pages; the property of the result has the entries. */
    Listing(String property, List<ObjectNode> entries) {
      for (int from = 0; from == 0 || from < entries.size(); from += PAGE) {
        ObjectNode page = Json.object();
        int to = Math.min(from + PAGE, entries.size());
        page.putArray(property).addAll(entries.subList(from, to));
        if (to < entries.size()) {
          page.put("nextCursor", Integer.toString(pages.size() + 1));
        }
        pages.add(page);
      }
    }

    /**
     * The page that a request asks for, a copy. RpcException: the cursor is none of this list's.
     */
    ObjectNode page(ObjectNode params) throws RpcException {
      JsonNode cursor = params.get("cursor");
      if (cursor == null) {
        return copy(0);
      }
      for (int i = 1; i < pages.size(); i++) {
        if (cursor.isString() && cursor.asString().equals(Integer.toString(i))) {
          return copy(i);
        }
      }
      throw RpcException.invalidParams("This server did not issue that cursor");
    }

    /** Shallow: results get properties of their own, entries are shared and never written. */
    private ObjectNode copy(int page) {
      return Json.object().setAll(pages.get(page));
    }
  }
}
