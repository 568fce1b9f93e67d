package com.mcpist.origin.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** Everything that an origin sends is as the revision asked for has it. */
class WireTest {
  private static final String SPECS = System.getProperty("mcpist.specs", "");

  /** What a result must have in every revision. */
  private static final Map<String, Set<String>> MEMBERS =
      Map.ofEntries(
          Map.entry("ListToolsResult", Set.of("tools")),
          Map.entry("ListPromptsResult", Set.of("prompts")),
          Map.entry("ListResourcesResult", Set.of("resources")),
          Map.entry("ListResourceTemplatesResult", Set.of("resourceTemplates")),
          Map.entry("GetPromptResult", Set.of("messages")),
          Map.entry("ReadResourceResult", Set.of("contents")),
          Map.entry("CompleteResult", Set.of("completion")),
          Map.entry("CallToolResult", Set.of("content")),
          Map.entry("DiscoverResult", Set.of("supportedVersions", "capabilities")),
          Map.entry("InputRequiredResult", Set.of("inputRequests", "requestState")),
          Map.entry("InitializeResult", Set.of("protocolVersion", "capabilities", "serverInfo")),
          Map.entry("EmptyResult", Set.of()));

  /** What may be kept by a client, which the newest revision says how long. */
  private static final Pattern CACHED = Pattern.compile("List.*|ReadResource.*|Discover.*");

  private static final Map<String, Schema> SCHEMAS = new ConcurrentHashMap<>();
  private static TestOrigin origin;

  @BeforeAll
  static void start() {
    origin = new TestOrigin();
  }

  @AfterAll
  static void stop() {
    origin.close();
  }

  static Stream<Arguments> exchanges() {
    List<Arguments> both =
        List.of(
            Arguments.of("tools/list", "{}", "ListToolsResult"),
            Arguments.of("prompts/list", "{}", "ListPromptsResult"),
            Arguments.of("resources/list", "{}", "ListResourcesResult"),
            Arguments.of("resources/templates/list", "{}", "ListResourceTemplatesResult"),
            Arguments.of(
                "prompts/get",
                "{'name': 'greet', 'arguments': {'whom': 'you'}}",
                "GetPromptResult"),
            Arguments.of("resources/read", "{'uri': 'test://fixed'}", "ReadResourceResult"),
            Arguments.of("resources/read", "{'uri': 'test://notes/5'}", "ReadResourceResult"),
            Arguments.of("resources/read", "{'uri': 'test://notes/none'}", "error"),
            Arguments.of(
                "completion/complete",
                "{'ref': {'type': 'ref/prompt', 'name': 'greet'},"
                    + " 'argument': {'name': 'whom', 'value': 'a'}}",
                "CompleteResult"),
            Arguments.of(
                "tools/call", "{'name': 'add', 'arguments': {'a': 1, 'b': 2}}", "CallToolResult"),
            Arguments.of("tools/call", "{'name': 'speak'}", "CallToolResult"),
            Arguments.of("tools/call", "{'name': 'refuse'}", "CallToolResult"),
            Arguments.of("tools/call", "{'name': 'break'}", "error"),
            Arguments.of("tools/call", "{'name': 'liar'}", "error"),
            Arguments.of("tools/call", "{'name': 'unknown'}", "error"),
            Arguments.of("tools/call", "{'name': 'add', 'arguments': 5}", "error"),
            Arguments.of("unknown/method", "{}", "error"));
    List<Arguments> modern =
        List.of(
            Arguments.of("server/discover", "{}", "DiscoverResult"),
            Arguments.of(
                "tools/call", "{'name': 'add', 'arguments': {'a': 'x', 'b': 2}}", "CallToolResult"),
            Arguments.of("tools/call", "{'name': 'ask'}", "InputRequiredResult"),
            Arguments.of("prompts/get", "{'name': 'ask'}", "InputRequiredResult"));
    List<Arguments> legacy =
        List.of(
            Arguments.of(
                "initialize",
                "{'protocolVersion': '2025-11-25', 'capabilities': {},"
                    + " 'clientInfo': {'name': 't', 'version': '1'}}",
                "InitializeResult"),
            Arguments.of("ping", "{}", "EmptyResult"),
            Arguments.of("logging/setLevel", "{'level': 'error'}", "EmptyResult"));
    return Stream.of("2026-07-28", "2025-11-25", "2025-06-18")
        .flatMap(
            version ->
                Stream.concat(
                        both.stream(),
                        version.equals(Requests.MODERN) ? modern.stream() : legacy.stream())
                    .map(a -> Arguments.of(version, a.get()[0], a.get()[1], a.get()[2])));
  }

  @ParameterizedTest
  @MethodSource("exchanges")
  void hasWhatEveryAnswerOfItsKindHas(String version, String method, String params, String result)
      throws IOException, InterruptedException {
    List<ObjectNode> messages = messages(version, method, params);
    for (ObjectNode message : messages) {
      assertThat(message.path("jsonrpc").asString()).isEqualTo("2.0");
      boolean last = message.equals(messages.getLast());
      assertThat(message.has("method")).as(message.toString()).isNotEqualTo(last);
      assertThat(message.has("id")).as(message.toString()).isEqualTo(last);
    }
    ObjectNode last = messages.getLast();
    assertThat(last.path("id").asInt()).isEqualTo(7);
    if (result.equals("error")) {
      assertThat(last.has("result")).as(last.toString()).isFalse();
      assertThat(last.at("/error/code").isInt()).as(last.toString()).isTrue();
      assertThat(last.at("/error/message").isString()).as(last.toString()).isTrue();
    } else {
      assertThat(last.has("error")).as(last.toString()).isFalse();
      assertThat(last.path("result").propertyNames()).containsAll(members(version, result));
    }
  }

  private static Set<String> members(String version, String result) {
    Set<String> members = new TreeSet<>(MEMBERS.get(result));
    if (version.equals(Requests.MODERN)) {
      members.add("resultType");
      if (CACHED.matcher(result).matches()) {
        members.addAll(Set.of("ttlMs", "cacheScope"));
      }
    }
    return members;
  }

  @ParameterizedTest
  @MethodSource("exchanges")
  @Needs(Need.SCHEMAS)
  void isValidByItsPublishedSchema(String version, String method, String params, String result)
      throws IOException, InterruptedException {
    List<ObjectNode> messages = messages(version, method, params);
    for (ObjectNode message : messages) {
      assertValid(version, "JSONRPCMessage", message);
      if (message.has("method")) {
        assertValid(version, "ServerNotification", message);
      }
    }
    if (!result.equals("error")) {
      assertValid(version, result, (ObjectNode) messages.getLast().path("result"));
    }
  }

  private static List<ObjectNode> messages(String version, String method, String params)
      throws IOException, InterruptedException {
    ObjectNode request = Requests.request(version, method, params.replace('\'', '"'));
    return TestOrigin.messages(origin.send(origin.post(version, request)));
  }

  private static void assertValid(String version, String type, ObjectNode json) {
    if (type.equals("JSONRPCMessage") && version.equals("2025-06-18") && json.has("error")) {
      type = "JSONRPCError";
    }
    Schema schema =
        SCHEMAS.computeIfAbsent(version + type, k -> schema(k.substring(0, 10), k.substring(10)));
    assertThat(schema.validate(json)).as("%s %s: %s", version, type, json).isEmpty();
  }

  private static Schema schema(String version, String type) {
    try {
      ObjectNode schema =
          Definitions.json(Files.readString(Path.of(SPECS, "mcp-" + version + ".schema.json")));
      boolean old = schema.has("definitions");
      schema.put("$ref", (old ? "#/definitions/" : "#/$defs/") + type);
      return SchemaRegistry.withDefaultDialect(
              old ? SpecificationVersion.DRAFT_7 : SpecificationVersion.DRAFT_2020_12)
          .getSchema(schema);
    } catch (IOException e) {
      throw new IllegalArgumentException("mcpist.specs must be the folder of MCP's schemas", e);
    }
  }
}
