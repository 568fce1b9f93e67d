package com.mcpist.origin.mcp;

import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that the modules offer, by name, in their order. Never changes: a new one takes its place
 * when a module's lists change.
 */
final class Catalog {
  /** Where a resource may be, with the values of its template's variables. */
  record Found(Module.Resource.Handler handler, ObjectNode variables) {}

  private record Template(UriTemplate uri, Module.Resource.Template resource) {}

  /** What reads resources that are in no list, and where those begin that it has listed. */
  private record Unlisted(Module.Resource.Handler handler, Set<String> places) {
    static Stream<Unlisted> of(Module module) {
      return module
          .unlisted()
          .map(
              handler ->
                  new Unlisted(
                      handler,
                      Stream.concat(
                              module.resources().stream().map(Module.Resource::uri),
                              module.resourceTemplates().stream()
                                  .map(Module.Resource.Template::uriTemplate))
                          .map(Unlisted::place)
                          .collect(Collectors.toSet())))
          .stream();
    }

    /** Scheme and authority. */
    static String place(String uri) {
      Matcher place = PLACE.matcher(uri);
      return place.lookingAt() ? place.group() : uri;
    }
  }

  private static final Pattern PLACE = Pattern.compile("[^:/?#{]*:(//[^/?#{]*)?");

  private final Map<String, OfferedTool> tools;
  private final Map<String, Module.Prompt> prompts;
  private final Map<String, Module.Resource> resources;
  private final List<Template> templates;
  private final Map<String, Module.Completion> completions;
  private final List<Unlisted> unlisted;
  private final List<String> instructions;
  private final boolean changes;
  private final boolean complete;
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
            modules.stream().flatMap(m -> m.tools().stream().map(t -> OfferedTool.of(m.name(), t))),
            t -> t.tool().name());
    prompts = byName(modules.stream().flatMap(m -> m.prompts().stream()), Module.Prompt::name);
    resources =
        firstByName(modules.stream().flatMap(m -> m.resources().stream()), Module.Resource::uri);
    templates =
        modules.stream()
            .flatMap(m -> m.resourceTemplates().stream())
            .map(t -> new Template(new UriTemplate(t.uriTemplate()), t))
            .toList();
    completions =
        firstByName(modules.stream().flatMap(m -> m.completions().stream()), Module.Completion::of);
    unlisted = modules.stream().flatMap(Unlisted::of).toList();
    instructions = modules.stream().map(Module::instructions).toList();
    changes = modules.stream().anyMatch(Module::changes);
    complete = modules.stream().allMatch(Module::known);
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

  /** Resources are not named by their module: who comes first has it. */
  private static <T> Map<String, T> firstByName(Stream<T> things, Function<T, String> name) {
    Map<String, T> named = new LinkedHashMap<>();
    things.forEach(thing -> named.putIfAbsent(name.apply(thing), thing));
    return named;
  }

  Optional<OfferedTool> tool(String name) {
    return Optional.ofNullable(tools.get(name));
  }

  Optional<Module.Prompt> prompt(String name) {
    return Optional.ofNullable(prompts.get(name));
  }

  /**
   * Where the resource at a URI may be, the likeliest first: it is fixed, or else of a template
   * that fits, of a module that has listed others of the same scheme and authority, of any other.
   */
  List<Found> resource(String uri) {
    Module.Resource fixed = resources.get(uri);
    if (fixed != null) {
      return List.of(new Found(fixed.handler(), Json.object()));
    }
    Map<Module.Resource.Handler, Found> places = new LinkedHashMap<>();
    for (Template template : templates) {
      Module.Resource.Handler handler = template.resource().handler();
      template.uri().match(uri).ifPresent(v -> places.putIfAbsent(handler, new Found(handler, v)));
    }
    String place = Unlisted.place(uri);
    unlisted.stream()
        .sorted(Comparator.comparing(u -> !u.places().contains(place)))
        .forEach(u -> places.putIfAbsent(u.handler(), new Found(u.handler(), Json.object())));
    return List.copyOf(places.values());
  }

  Optional<Module.Completion> completion(String of) {
    return Optional.ofNullable(completions.get(of));
  }

  /** Whether there is a prompt or a template of this name that arguments can be completed for. */
  boolean completable(String of) {
    return prompts.containsKey(of)
        || templates.stream().anyMatch(t -> t.resource().uriTemplate().equals(of));
  }

  // What may come while a client is connected has to be promised before.

  boolean offersPrompts() {
    return changes || !prompts.isEmpty();
  }

  boolean offersResources() {
    return changes || !resources.isEmpty() || !templates.isEmpty();
  }

  boolean offersCompletions() {
    return changes || !completions.isEmpty();
  }

  Stream<String> instructions() {
    return instructions.stream();
  }

  /** Whether another catalog may take its place. */
  boolean changes() {
    return changes;
  }

  /** Whether all lists were known when it was made. */
  boolean complete() {
    return complete;
  }

  /**
   * A tool as it is called: its handler checks its output, the input's schema its arguments; null
   * where another server does both.
   */
  record OfferedTool(
      String module, Tool tool, @Nullable JsonSchema input, MirroredHeaders headers) {
    /** Compiles the tool's schemas. Throws IllegalArgumentException when one is not a schema. */
    static OfferedTool of(String module, Tool tool) {
      JsonNode input = tool.definition().path("inputSchema");
      if (!tool.checked()) {
        return new OfferedTool(module, tool, null, MirroredHeaders.of(input));
      }
      if (!input.path("type").asString("").equals("object")) {
        throw new IllegalArgumentException(tool.name() + ": inputSchema must be of type object");
      }
      JsonNode output = tool.definition().get("outputSchema");
      JsonSchema promise = output == null ? null : JsonSchema.compile(output);
      Tool.Handler checked = call -> check(tool, promise, call);
      return new OfferedTool(
          module, tool.with(checked), JsonSchema.compile(input), MirroredHeaders.of(input));
    }

    /** What is wrong with arguments; empty when they are valid. */
    String problems(ObjectNode arguments) {
      return input == null ? "" : input.problems(arguments);
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

  /**
   * A URI template of level 1 (RFC 6570), read backwards: from a URI to its variables' values. Of
   * another level it is known by how it begins, without the values.
   */
  static final class UriTemplate {
    private static final Pattern VARIABLE = Pattern.compile("\\{([A-Za-z0-9_]+)}");

    private final List<String> names = new ArrayList<>();
    private final Pattern pattern;

    UriTemplate(String template) {
      if (VARIABLE.matcher(template).replaceAll("").contains("{")) {
        int literal = template.indexOf('{');
        this.pattern = Pattern.compile(Pattern.quote(template.substring(0, literal)) + ".*");
        return;
      }
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
   * A list that clients read in pages, in a fixed order. A cursor is a page's number, with a hash
   * of the list: any origin can go on where another one stopped, and none with another list.
   */
  static final class Listing {
    /** Long enough that no server of ordinary size has a second page. */
    static final int PAGE = 250;

    private final List<ObjectNode> entries;
    private final List<ObjectNode> pages = new ArrayList<>();
    private final List<String> cursors = new ArrayList<>();

    /** Cuts a list into pages; the property of the result has the entries. */
    Listing(String property, List<ObjectNode> entries) {
      this.entries = entries;
      String list = entries.size() > PAGE ? Integer.toHexString(entries.toString().hashCode()) : "";
      for (int from = 0; from == 0 || from < entries.size(); from += PAGE) {
        ObjectNode page = Json.object();
        int to = Math.min(from + PAGE, entries.size());
        page.putArray(property).addAll(entries.subList(from, to));
        cursors.add(pages.size() + "-" + list);
        if (to < entries.size()) {
          page.put("nextCursor", pages.size() + 1 + "-" + list);
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
        if (cursor.isString() && cursor.asString().equals(cursors.get(i))) {
          return copy(i);
        }
      }
      throw RpcException.invalidParams(
          "This cursor is of another list: what this server offers has changed. Begin without it");
    }

    boolean same(Listing other) {
      return entries.equals(other.entries);
    }

    /** Shallow: results get properties of their own, entries are shared and never written. */
    private ObjectNode copy(int page) {
      return Json.object().setAll(pages.get(page));
    }
  }
}
