package com.mcpist.origin.mcp.methods;

import com.mcpist.origin.mcp.wire.Json;
import com.mcpist.origin.module.Completion;
import com.mcpist.origin.module.Module;
import com.mcpist.origin.module.Prompt;
import com.mcpist.origin.module.Resource;
import com.mcpist.origin.module.ResourceTemplate;
import com.mcpist.origin.module.Tool;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** All that the modules offer, by name, in their order. Never changes. */
public final class Catalog {
  /** A resource that was found, with the values of its template's variables. */
  record Found(Resource.Handler handler, ObjectNode variables) {}

  private record Template(UriTemplate uri, ResourceTemplate resource) {}

  private final Map<String, OfferedTool> tools;
  private final Map<String, Prompt> prompts;
  private final Map<String, Resource> resources;
  private final List<Template> templates;
  private final Map<String, Completion> completions;

  /**
   * Gathers what the modules offer and compiles every schema.
   *
   * @throws IllegalArgumentException when two offer the same name, or a schema is not one
   */
  public Catalog(List<Module> modules) {
    tools =
        byName(
            modules.stream().flatMap(m -> m.tools().stream()).map(OfferedTool::of),
            t -> t.tool().name());
    prompts = byName(modules.stream().flatMap(m -> m.prompts().stream()), Prompt::name);
    resources = byName(modules.stream().flatMap(m -> m.resources().stream()), Resource::uri);
    templates =
        modules.stream()
            .flatMap(m -> m.resourceTemplates().stream())
            .map(t -> new Template(new UriTemplate(t.uriTemplate()), t))
            .toList();
    completions =
        byName(
            modules.stream().flatMap(m -> m.completions().stream()),
            c -> key(c.of(), c.argument()));
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

  Optional<Prompt> prompt(String name) {
    return Optional.ofNullable(prompts.get(name));
  }

  /** The resource at a URI: a fixed one, or the first template that fits. */
  Optional<Found> resource(String uri) {
    Resource fixed = resources.get(uri);
    if (fixed != null) {
      return Optional.of(new Found(fixed.handler(), Json.object()));
    }
    return templates.stream()
        .flatMap(t -> t.uri().match(uri).map(v -> new Found(t.resource().handler(), v)).stream())
        .findFirst();
  }

  Optional<Completion> completion(String of, String argument) {
    return Optional.ofNullable(completions.get(key(of, argument)));
  }

  /** Whether there is a prompt or a template of this name that arguments can be completed for. */
  boolean completable(String of) {
    return prompts.containsKey(of)
        || templates.stream().anyMatch(t -> t.resource().uriTemplate().equals(of));
  }

  List<ObjectNode> toolDefinitions() {
    return tools.values().stream().map(OfferedTool::tool).map(Tool::definition).toList();
  }

  List<ObjectNode> promptDefinitions() {
    return prompts.values().stream().map(Prompt::definition).toList();
  }

  List<ObjectNode> resourceDefinitions() {
    return resources.values().stream().map(Resource::definition).toList();
  }

  List<ObjectNode> templateDefinitions() {
    return templates.stream().map(t -> t.resource().definition()).toList();
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
}
