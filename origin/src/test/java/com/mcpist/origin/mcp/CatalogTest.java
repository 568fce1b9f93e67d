package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.TestModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What modules offer: found by name, listed in order, and refused at the start when wrong. */
class CatalogTest {
  private static Module module(Tool... tools) {
    return new Module() {
      @Override
      public String name() {
        return "one";
      }

      @Override
      public List<Tool> tools() {
        return List.of(tools);
      }
    };
  }

  @Test
  void twoToolsOfOneNameAreRefused() {
    Tool tool = Definitions.reading("same", c -> ToolResult.text(""));
    assertThatThrownBy(() -> new Catalog(List.of(module(tool), module(tool))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("same");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"type\": \"array\"}",
        "{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#/nowhere\"}}}",
        "{\"type\": \"object\", \"properties\": {"
            + "\"a\": {\"x-mcp-header\": \"Same\"}, \"b\": {\"x-mcp-header\": \"same\"}}}"
      })
  void aSchemaThatIsNoneForArgumentsIsRefusedAtTheStart(String schema) {
    Tool tool = Definitions.reading("wrong", schema, c -> ToolResult.text(""));
    assertThatThrownBy(() -> new Catalog(List.of(module(tool))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTemplateMatchesOnePartOfThePathForEachVariable() {
    Catalog.UriTemplate template = new Catalog.UriTemplate("notes://{user}/by.{tag}");
    assertThat(template.match("notes://ada/by.x y"))
        .contains(Definitions.json("{\"user\": \"ada\", \"tag\": \"x y\"}"));
    for (String other : List.of("notes://ada/byx", "notes:///by.x", "notes://a/b/by.x", "")) {
      assertThat(template.match(other)).as(other).isEmpty();
    }
  }

  @Test
  void aFixedResourceComesBeforeATemplate() {
    Catalog catalog = new Catalog(List.of(new TestModule()));
    assertThat(catalog.resource("test://fixed"))
        .extracting(Catalog.Found::variables)
        .containsExactly(Json.object());
    assertThat(catalog.resource("test://notes/5"))
        .extracting(Catalog.Found::variables)
        .containsExactly(Json.object().put("id", "5"));
    assertThat(catalog.resource("test://nothing")).isEmpty();
  }

  /** Reads what it does not list, too, as a mounted server does. */
  private record Reading(Module.Resource.Handler reader, String uri, String template)
      implements Module {
    @Override
    public String name() {
      return "reading";
    }

    @Override
    public List<Resource> resources() {
      return List.of(new Resource(Json.object().put("uri", uri), reader));
    }

    @Override
    public List<Resource.Template> resourceTemplates() {
      return List.of(new Resource.Template(Json.object().put("uriTemplate", template), reader));
    }

    @Override
    public Optional<Resource.Handler> unlisted() {
      return Optional.of(reader);
    }
  }

  @Test
  void anUnlistedResourceIsLookedForWhereItIsLikeliest() {
    Module.Resource.Handler one = (uri, c) -> Optional.empty();
    Module.Resource.Handler two = (uri, c) -> Optional.empty();
    Catalog catalog =
        new Catalog(
            List.of(
                new Reading(one, "a://x/1", "s://{+path}"),
                new Reading(two, "b://y/1", "t://z{?q}")));

    assertThat(places(catalog, "a://x/1")).containsExactly(one);
    assertThat(places(catalog, "b://y/2")).containsExactly(two, one);
    assertThat(places(catalog, "a://x/2")).containsExactly(one, two);
    assertThat(places(catalog, "t://z?q=1")).containsExactly(two, one);
    assertThat(places(catalog, "s://any/path")).containsExactly(one, two);
    assertThat(places(catalog, "none:")).containsExactly(one, two);
  }

  private static List<Module.Resource.Handler> places(Catalog catalog, String uri) {
    return catalog.resource(uri).stream().map(Catalog.Found::handler).toList();
  }

  @Test
  void aLongListIsReadInPages() throws RpcException {
    List<ObjectNode> entries =
        IntStream.range(0, 2 * Catalog.Listing.PAGE + 1)
            .mapToObj(i -> Json.object().put("name", "t" + i))
            .toList();
    Catalog.Listing listing = new Catalog.Listing("tools", entries);
    List<JsonNode> read = new ArrayList<>();
    ObjectNode params = Json.object();
    ObjectNode page = listing.page(params);
    while (page.has("nextCursor")) {
      page.path("tools").forEach(read::add);
      page = listing.page(Json.object().set("cursor", page.path("nextCursor")));
    }
    page.path("tools").forEach(read::add);
    assertThat(read).containsExactlyElementsOf(entries);
    Catalog.Listing other = new Catalog.Listing("tools", entries.subList(1, entries.size()));
    assertThatThrownBy(
            () ->
                other.page(
                    Json.object().set("cursor", listing.page(Json.object()).path("nextCursor"))))
        .hasMessageContaining("has changed");
    for (String cursor : List.of("\"0\"", "\"3\"", "\"-1\"", "1", "null", "{}")) {
      assertThatThrownBy(() -> listing.page(Definitions.json("{\"cursor\": " + cursor + "}")))
          .as(cursor)
          .isInstanceOf(RpcException.class);
    }
  }

  @Test
  void aShortListHasOnePage() throws RpcException {
    assertThat(new Catalog.Listing("tools", List.of()).page(Json.object()))
        .isEqualTo(Definitions.json("{\"tools\": []}"));
  }
}
