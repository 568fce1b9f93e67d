package com.mcpist.e2e.conformance;

import com.mcpist.module.Invocation;
import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Tools that return every kind of content, and tools that speak while they work. */
final class ContentFixtures implements Module {
  /** The suite wants to see that messages come one by one. */
  private static final long PAUSE_MILLIS = 50;

  @Override
  public String name() {
    return "content";
  }

  @Override
  public List<Tool> tools() {
    return List.of(
        Fixtures.tool(
            "test_simple_text",
            "Returns text",
            c -> ToolResult.text("This is a simple text response for testing.")),
        Fixtures.tool(
            "test_image_content", "Returns an image", c -> Fixtures.content(Fixtures.image())),
        Fixtures.tool(
            "test_audio_content", "Returns audio", c -> Fixtures.content(Fixtures.audio())),
        Fixtures.tool(
            "test_embedded_resource",
            "Returns a resource",
            c ->
                Fixtures.content(
                    Fixtures.embedded(
                        "test://embedded-resource",
                        "text/plain",
                        "This is an embedded resource content."))),
        Fixtures.tool("test_multiple_content_types", "Returns a mixture", c -> mixture()),
        Fixtures.tool("test_error_handling", "Always fails", ContentFixtures::fail),
        Fixtures.tool("test_tool_with_logging", "Logs while it works", ContentFixtures::log),
        Fixtures.tool("test_logging_tool", "Logs while it works", ContentFixtures::log),
        Fixtures.tool("test_tool_with_progress", "Tells how far it is", ContentFixtures::progress),
        Fixtures.tool(
            "test_custom_headers", "Repeats an argument in a header", headers(), c -> echo(c)));
  }

  private static ToolResult mixture() {
    return Fixtures.content(
        Fixtures.text("Multiple content types test:"),
        Fixtures.image(),
        Fixtures.embedded(
            "test://mixed-content-resource",
            "application/json",
            "{\"test\":\"data\",\"value\":123}"));
  }

  private static ToolResult fail(ToolCall call) throws ToolException {
    throw new ToolException("This tool intentionally returns an error for testing");
  }

  private static ToolResult log(ToolCall call) throws InterruptedException {
    say(call, "Tool execution started");
    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    say(call, "Tool processing data");
    TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    say(call, "Tool execution completed");
    return ToolResult.text("Logged three messages.");
  }

  private static void say(ToolCall call, String text) {
    call.log(Invocation.LogLevel.INFO, "conformance", JsonNodeFactory.instance.stringNode(text));
  }

  private static ToolResult progress(ToolCall call) throws InterruptedException {
    for (int done = 0; done <= 100; done += 50) {
      call.progress(done, 100, "Completed step " + done + " of 100");
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    return ToolResult.text("Reported progress.");
  }

  private static ObjectNode headers() {
    ObjectNode schema = Fixtures.object().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    properties.putObject("region").put("type", "string").put("x-mcp-header", "Region");
    properties.putObject("query").put("type", "string");
    return schema;
  }

  private static ToolResult echo(ToolCall call) {
    return ToolResult.text(call.arguments().toString());
  }
}
