package com.example.counter;

import com.mcpist.module.Module;
import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.JsonNodeFactory;

/** Counts what a person wants counted. */
public final class CounterModule implements Module {
  private int most;

  @Override
  public String name() {
    return "counter";
  }

  @Override
  public void start(Map<String, String> settings) {
    most = Integer.parseInt(settings.getOrDefault("MODULE_COUNTER_MOST", "1000000"));
  }

  @Override
  public List<Tool> tools() {
    return List.of(Tool.of(CounterModule.class, "counter_add", Effect.WRITES_DATABASE, this::add));
  }

  private ToolResult add(ToolCall call) throws ToolException {
    int value =
        call.database()
            .createQuery(
                """
                insert into counter (user_id, name, value) values (:user, :name, 1)
                on conflict (user_id, name) do update set value = counter.value + 1
                returning value
                """)
            .bind("user", call.attempt().key().user())
            .bind("name", call.arguments().path("name").asString())
            .mapTo(Integer.class)
            .one();
    if (value > most) {
      throw new ToolException("This counter is full. Use another name.");
    }
    return ToolResult.of(
        JsonNodeFactory.instance.objectNode().put("value", value), "The counter is at " + value);
  }
}
