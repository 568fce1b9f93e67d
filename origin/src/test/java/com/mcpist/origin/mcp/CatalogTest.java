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
    assertThat(catalog.resource("test://fixed").orElseThrow().variables().isEmpty()).isTrue();
    assertThat(catalog.resource("test://notes/5").orElseThrow().variables().path("id").asString())
        .isEqualTo("5");
    assertThat(catalog.resource("test://nothing")).isEmpty();
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
