package com.mcpist.e2e.conformance;

import com.mcpist.module.Module;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** Prompts, resources and completions. */
final class ReadingFixtures implements Module {
  @Override
  public String name() {
    return "reading";
  }

  @Override
  public List<Prompt> prompts() {
    return List.of(
        prompt(
            "test_simple_prompt",
            c ->
                Prompt.messages(
                    Fixtures.message(Fixtures.text("This is a simple prompt for testing.")))),
        prompt(
            "test_prompt_with_arguments",
            c ->
                Prompt.messages(
                    Fixtures.message(
                        Fixtures.text(
                            "Prompt with arguments: arg1='%s', arg2='%s'"
                                .formatted(
                                    c.arguments().path("arg1").asString(),
                                    c.arguments().path("arg2").asString())))),
            "arg1",
            "arg2"),
        prompt(
            "test_prompt_with_embedded_resource",
            c ->
                Prompt.messages(
                    Fixtures.message(
                        Fixtures.embedded(
                            c.arguments().path("resourceUri").asString(),
                            "text/plain",
                            "Embedded resource content for testing.")),
                    Fixtures.message(Fixtures.text("Please process the embedded resource."))),
            "resourceUri"),
        prompt(
            "test_prompt_with_image",
            c ->
                Prompt.messages(
                    Fixtures.message(Fixtures.image()),
                    Fixtures.message(Fixtures.text("Please analyze the image above.")))));
  }

  private static Prompt prompt(String name, Prompt.Handler handler, String... arguments) {
    ObjectNode definition = Fixtures.object().put("name", name).put("description", name);
    var list = definition.putArray("arguments");
    for (String argument : arguments) {
      list.addObject().put("name", argument).put("description", argument).put("required", true);
    }
    return new Prompt(definition, handler);
  }

  @Override
  public List<Resource> resources() {
    return List.of(
        new Resource(
            definition("uri", "test://static-text", "text/plain"),
            (uri, c) ->
                Resource.contents(
                    contents(uri, "text/plain")
                        .put("text", "This is the content of the static text resource."))),
        new Resource(
            definition("uri", "test://static-binary", "image/png"),
            (uri, c) -> Resource.contents(contents(uri, "image/png").put("blob", Fixtures.PNG))));
  }

  @Override
  public List<Resource.Template> resourceTemplates() {
    return List.of(
        new Resource.Template(
            definition("uriTemplate", "test://template/{id}/data", "application/json"),
            (uri, c) -> {
              String id = c.arguments().path("id").asString();
              ObjectNode data = Fixtures.object().put("id", id).put("templateTest", true);
              return Resource.contents(
                  contents(uri, "application/json")
                      .put("text", data.put("data", "Data for ID: " + id).toString()));
            }));
  }

  private static ObjectNode definition(String key, String uri, String mimeType) {
    return Fixtures.object()
        .put(key, uri)
        .put("name", uri)
        .put("description", uri)
        .put("mimeType", mimeType);
  }

  private static ObjectNode contents(String uri, String mimeType) {
    return Fixtures.object().put("uri", uri).put("mimeType", mimeType);
  }

  @Override
  public List<Completion> completions() {
    return List.of(
        new Completion(
            "test_prompt_with_arguments",
            (argument, typed, c) ->
                Completion.values(
                    Stream.of("paris", "park", "party", "test", "testing")
                        .filter(v -> v.startsWith(typed))
                        .toList())));
  }
}
