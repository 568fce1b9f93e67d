package com.mcpist.origin.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.RecordingRunner;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.origin.fixture.TestModule;
import com.mcpist.origin.fixture.TestStateKey;
import com.mcpist.origin.mcp.McpEndpoint.Admission;
import com.mcpist.origin.trace.Traces;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Whatever is sent, the answer is one the protocol knows, and tells nothing of the inside. */
class FuzzTest {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Bytes of the longest list; what a client sent comes back escaped at the most. */
  private static final int LONGEST_LIST = 16 * 1024;

  /** What the protocol gives a meaning to; what is fuzzed is mostly made of it. */
  private static final List<String> WORDS =
      List.of(
          "jsonrpc",
          "2.0",
          "id",
          "method",
          "params",
          "_meta",
          "name",
          "arguments",
          "uri",
          "cursor",
          "ref",
          "type",
          "ref/prompt",
          "ref/resource",
          "argument",
          "value",
          "context",
          "add",
          "greet",
          "tools/call",
          "tools/list",
          "prompts/get",
          "resources/read",
          "completion/complete",
          "server/discover",
          "initialize",
          "ping",
          "logging/setLevel",
          "subscriptions/listen",
          "a",
          "b",
          "whom",
          "level",
          "inputResponses",
          "requestState",
          "region",
          "test://notes/1",
          "progressToken",
          "protocolVersion",
          "io.modelcontextprotocol/protocolVersion",
          "io.modelcontextprotocol/clientCapabilities",
          "2026-07-28",
          "2025-11-25",
          "result");

  private final McpEndpoint mcp =
      new McpEndpoint(
          List.of(new OnlyHarmless()),
          new RecordingRunner(),
          new Methods.ServerInfo("test", "Test", "1", ""),
          TestStateKey.known(),
          Admission.unlimited(),
          InstantSource.system(),
          Audit.off(),
          Traces.OFF);

  /** All of the test module but the tools that wait, or fail on purpose. */
  private static final class OnlyHarmless implements Module {
    private static final Set<String> HARMFUL =
        Set.of("wait", "break", "liar", "away", "speak-then-away");
    private final TestModule all = new TestModule();

    @Override
    public String name() {
      return "harmless";
    }

    @Override
    public List<Tool> tools() {
      return all.tools().stream().filter(t -> !HARMFUL.contains(t.name())).toList();
    }

    @Override
    public List<Module.Prompt> prompts() {
      return all.prompts();
    }

    @Override
    public List<Module.Resource> resources() {
      return all.resources();
    }

    @Override
    public List<Module.Resource.Template> resourceTemplates() {
      return all.resourceTemplates();
    }

    @Override
    public List<Module.Completion> completions() {
      return all.completions();
    }
  }

  void assertAnswered(byte[] body, Exchange.Headers headers) {
    RecordedExchange exchange = new RecordedExchange(headers);
    mcp.post(() -> body, "fuzz", exchange);
    String sent = new String(body, StandardCharsets.UTF_8);
    assertThat(exchange.ends).as(sent).hasSize(1);
    assertThat(exchange.status).as(sent).isIn(200, 202, 400, 404);
    for (byte[] message : exchange.messages) {
      JsonNode json = JSON.readTree(message);
      String text = new String(message, StandardCharsets.UTF_8);
      assertThat(json.path("error").path("code").asInt(0))
          .as("%s -> %s", sent, text)
          .isNotEqualTo(-32603);
      assertThat(text)
          .as(sent)
          .doesNotContain("Exception", "java.", "com.mcpist.", "tools.jackson");
      assertThat(message.length)
          .as(sent)
          .isLessThan(McpEndpoint.LARGEST_BATCH * LONGEST_LIST + 8 * body.length);
    }
  }

  @Property(tries = 1000)
  void anyBytesAreAnswered(@ForAll byte[] body) {
    assertAnswered(body, name -> null);
  }

  @Property(tries = 1000)
  void anyJsonIsAnswered(
      @ForAll("json") JsonNode json, @ForAll("headers") Exchange.Headers headers) {
    assertAnswered(JSON.writeValueAsBytes(json), headers);
  }

  @Property(tries = 1500)
  void aGoodRequestWithSomethingElseInOnePlaceIsAnswered(
      @ForAll("requests") ObjectNode request, @ForAll int place, @ForAll("json") JsonNode value) {
    ObjectNode changed = request.deepCopy();
    List<ObjectNode> objects = new ArrayList<>(List.of(changed));
    for (int i = 0; i < objects.size(); i++) {
      objects
          .get(i)
          .forEach(
              v -> {
                if (v instanceof ObjectNode o) {
                  objects.add(o);
                }
              });
    }
    ObjectNode object = objects.get(Math.floorMod(place, objects.size()));
    List<String> names = List.copyOf(object.propertyNames());
    if (!names.isEmpty()) {
      object.set(names.get(Math.floorMod(place / 31, names.size())), value);
    }
    boolean modern = request.path("params").has("_meta");
    var headers = Requests.headers(modern ? Requests.MODERN : "2025-11-25", request);
    assertAnswered(JSON.writeValueAsBytes(changed), headers::get);
  }

  @Property(tries = 1000)
  void aBrokenRequestIsAnswered(
      @ForAll("requests") ObjectNode request, @ForAll int from, @ForAll byte with) {
    byte[] body = JSON.writeValueAsBytes(request);
    int at = Math.floorMod(from, body.length);
    assertAnswered(Arrays.copyOf(body, at), name -> null);
    body[at] = with;
    assertAnswered(body, name -> null);
  }

  @Provide
  Arbitrary<ObjectNode> requests() {
    return Arbitraries.of("2026-07-28", "2025-11-25")
        .flatMap(
            version ->
                Arbitraries.of(
                    Requests.call(version, "add", "{\"a\": 1, \"b\": 2}"),
                    Requests.call(version, "region", "{\"region\": \"x\", \"count\": 1}"),
                    Requests.call(version, "speak", "{}"),
                    Requests.call(version, "ask", "{}"),
                    Requests.request(
                        version,
                        "prompts/get",
                        "{\"name\": \"greet\", \"arguments\": {\"whom\": \"x\"}}"),
                    Requests.request(version, "resources/read", "{\"uri\": \"test://notes/1\"}"),
                    Requests.request(
                        version,
                        "completion/complete",
                        "{\"ref\": {\"type\": \"ref/prompt\", \"name\": \"greet\"},"
                            + "\"argument\": {\"name\": \"whom\", \"value\": \"a\"},"
                            + "\"context\": {\"arguments\": {}}}"),
                    Requests.request(version, "tools/list", "{\"cursor\": \"1\"}"),
                    Requests.request(version, "subscriptions/listen", "{\"notifications\": {}}"),
                    Requests.request(
                        version, "initialize", "{\"protocolVersion\": \"2025-11-25\"}"),
                    Requests.request(version, "logging/setLevel", "{\"level\": \"info\"}")));
  }

  @Provide
  Arbitrary<Exchange.Headers> headers() {
    Arbitrary<String> values = Arbitraries.oneOf(Arbitraries.of(WORDS), Arbitraries.strings());
    return Combinators.combine(Arbitraries.integers().between(0, 15), values)
        .as((which, value) -> name -> (name.hashCode() & 15) == which ? value : null);
  }

  @Provide
  Arbitrary<JsonNode> json() {
    Arbitrary<JsonNode> leaf =
        Arbitraries.oneOf(
            Arbitraries.of(WORDS).map(NODES::stringNode),
            Arbitraries.strings().ofMaxLength(20).map(NODES::stringNode),
            Arbitraries.integers().map(NODES::numberNode),
            Arbitraries.doubles().map(NODES::numberNode),
            Arbitraries.bigIntegers().map(NODES::numberNode),
            Arbitraries.of(true, false).map(NODES::booleanNode),
            Arbitraries.create(NODES::nullNode),
            Arbitraries.create(() -> Definitions.json("{\"x\": 1e400}").path("x")));
    return Arbitraries.recursive(() -> leaf, FuzzTest::grown, 0, 4);
  }

  private static Arbitrary<JsonNode> grown(Arbitrary<JsonNode> inner) {
    Arbitrary<JsonNode> arrays =
        inner
            .list()
            .ofMaxSize(4)
            .map(
                list -> {
                  ArrayNode array = NODES.arrayNode();
                  list.forEach(array::add);
                  return array;
                });
    Arbitrary<String> names =
        Arbitraries.oneOf(Arbitraries.of(WORDS), Arbitraries.strings().ofMaxLength(5));
    Arbitrary<JsonNode> objects =
        Arbitraries.maps(names, inner)
            .ofMaxSize(5)
            .map(
                map -> {
                  ObjectNode object = NODES.objectNode();
                  map.forEach(object::set);
                  return object;
                });
    return Arbitraries.oneOf(arrays, objects);
  }
}
