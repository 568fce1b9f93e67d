package com.mcpist.edge.call;

import com.mcpist.edge.wire.Payload;
import com.mcpist.edge.wire.Payload.Message;
import io.vertx.core.http.HttpMethod;
import java.util.Set;
import java.util.function.Predicate;

/** Which calls change nothing. Pure. */
final class ReplayPolicy {
  private static final String CALL_TOOL = "tools/call";
  private static final Set<String> READING =
      Set.of(
          """
          initialize ping server/discover tools/list prompts/list prompts/get resources/list
          resources/templates/list resources/read completion/complete subscriptions/listen
          tasks/get tasks/list tasks/result notifications/initialized notifications/cancelled
          """
              .split("\\s+"));

  private ReplayPolicy() {}

  /**
   * Whether a call changes nothing wherever it runs; one that cannot be read might.
   *
   * @param readOnlyTool whether the origins mark the tool as one that only reads
   */
  static boolean onlyReads(HttpMethod method, Payload payload, Predicate<String> readOnlyTool) {
    if (method.equals(HttpMethod.GET)) {
      return true;
    }
    return method.equals(HttpMethod.POST)
        && payload.readable()
        && payload.messages().stream().allMatch(message -> reads(message, readOnlyTool));
  }

  private static boolean reads(Message message, Predicate<String> readOnlyTool) {
    if (CALL_TOOL.equals(message.method())) {
      return message.name() != null && readOnlyTool.test(message.name());
    }
    return message.method() != null && READING.contains(message.method());
  }
}
