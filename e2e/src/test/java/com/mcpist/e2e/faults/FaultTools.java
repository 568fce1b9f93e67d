package com.mcpist.e2e.faults;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One tool for each effect. Each works in as many steps as it is told to; a step is a request to
 * {@link Outside}, which a test lets wait, and ends with a report of progress. The one that writes
 * leaves a row in the table {@code fault_effect} before its first step.
 */
final class FaultTools implements Module {
  static final String READ = "fault_read";
  static final String WRITE = "fault_write";
  static final String ACT = "fault_act";
  static final String ACT_AGAIN = "fault_act_again";

  /** What the tests make of an empty database, beside the product's tables. */
  static final String TABLE =
      "create table if not exists fault_effect (name text not null, attempt integer not null)";

  private final String origin;
  private final URI outside;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Tools of this origin, which act on that service outside. */
  FaultTools(String origin, URI outside) {
    this.origin = origin;
    this.outside = outside;
  }

  @Override
  public String name() {
    return "fault";
  }

  @Override
  public List<Tool> tools() {
    return List.of(
        tool(READ, Effect.READS),
        tool(WRITE, Effect.WRITES_DATABASE),
        tool(ACT, Effect.ACTS_OUTSIDE),
        tool(ACT_AGAIN, Effect.ACTS_OUTSIDE_IDEMPOTENTLY));
  }

  private Tool tool(String name, Effect effect) {
    ObjectNode definition =
        JsonNodeFactory.instance.objectNode().put("name", name).put("description", name);
    ObjectNode schema = definition.putObject("inputSchema").put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    properties.putObject("name").put("type", "string");
    properties.putObject("steps").put("type", "integer");
    schema.putArray("required").add("name").add("steps");
    definition.putObject("annotations").put("readOnlyHint", effect == Effect.READS);
    return new Tool(definition, effect, call -> work(effect, call));
  }

  private ToolResult work(Effect effect, ToolCall call) throws IOException, InterruptedException {
    Attempt attempt = call.attempt();
    String name = call.arguments().path("name").asString();
    int steps = call.arguments().path("steps").asInt();
    if (effect == Effect.WRITES_DATABASE) {
      call.database().execute("insert into fault_effect values (?, ?)", name, attempt.number());
    }
    for (int step = 1; step <= steps; step++) {
      act(new Outside.Step(origin, name, attempt.key().id(), attempt.number(), step));
      call.progress(step, steps, "step " + step);
    }
    ObjectNode done =
        JsonNodeFactory.instance
            .objectNode()
            .put("attempt", attempt.number())
            .put("id", attempt.key().id())
            .put("user", attempt.key().user());
    return ToolResult.of(done, "Done by attempt " + attempt.number());
  }

  private void act(Outside.Step step) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(outside.resolve(step.path()))
            .header("Idempotency-Key", step.id())
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    int status = http.send(request, BodyHandlers.discarding()).statusCode();
    if (status != 200) {
      throw new IOException("outside answered " + status);
    }
  }
}
