package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Question;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.Tool;
import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.module.ToolRunner;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Questions to clients of revisions before 2026-07-28. A question goes on the stream of its call,
 * which waits. The answer is a request of its own, to any origin. The ledger keeps it, as the
 * result of a call that the question names, and there it is looked for.
 */
record Dialogue(ToolRunner runner, RequestState.StateKey key) {
  private static final Logger LOG = LoggerFactory.getLogger(Dialogue.class);

  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** Of the attempt's time, for what follows the answer. */
  private static final Duration REST = Duration.ofSeconds(10);

  private static final long FIRST_LOOK_MILLIS = 25;
  private static final long LONGEST_LOOK_MILLIS = 400;

  private static final String RESULT = "result";
  private static final String ERROR = "error";

  /**
   * The client's answers by the questions' keys. Where something waits for them, an answer may be
   * {@code {"error": {"code", "message"}}}. Throws ToolException where it is one and nothing waits.
   */
  ObjectNode ask(Call call, InputRequired asked) throws Exception {
    Map<String, String> ids = new LinkedHashMap<>();
    for (Map.Entry<String, Question> each : asked.questions().entrySet()) {
      Question question = each.getValue();
      String id = id(call.attempt().key().user(), UUID.randomUUID().toString());
      ids.put(each.getKey(), id);
      call.exchange()
          .notify(Json.bytes(Message.request(id, question.kind().method(), question.params())));
    }
    Duration limit =
        call.timeLeft()
            .map(left -> left.minus(REST))
            .filter(left -> left.compareTo(LONGEST) < 0)
            .orElse(LONGEST);
    long until = System.nanoTime() + limit.toNanos();
    ObjectNode answers = Json.object();
    for (Map.Entry<String, String> each : ids.entrySet()) {
      ObjectNode answer = answer(call, each.getValue(), until);
      ObjectNode error = Json.object(answer, ERROR);
      if (answer.has(ERROR) && !asked.state().has(InputRequired.WAITS)) {
        throw new ToolException(
            "The client has not answered: " + error.path("message").asString(""));
      }
      answers.set(each.getKey(), answer.has(ERROR) ? answer : Json.object(answer, RESULT));
    }
    return answers;
  }

  private ObjectNode answer(Call call, String id, long until) throws Exception {
    Tool.Handler none =
        c -> {
          throw new ToolException("There is no answer yet");
        };
    long pause = FIRST_LOOK_MILLIS;
    while (true) {
      try {
        return runner.run(tool(none), call.as(attempt(call.attempt(), id))).json();
      } catch (ToolException e) {
        if (System.nanoTime() - until > 0 || call.exchange().closed()) {
          return error("The client has not answered in time");
        }
      } catch (AttemptFailedException e) {
        // The database may be away for a moment, and the answer may be there when the database is
        // back. An origin that stops waits no longer.
        boolean stops = e.getCause() instanceof InterruptedException;
        if (stops || System.nanoTime() - until > 0 || call.exchange().closed()) {
          throw e;
        }
        LOG.info("An answer could not be looked for: {}", e.getMessage());
      }
      Thread.sleep(pause);
      pause = Math.min(2 * pause, LONGEST_LOOK_MILLIS);
    }
  }

  /** Keeps what the client answers, if it is to a question of ours to this user. */
  void keep(Message.Response response, Call call) throws Exception {
    String id = response.id();
    int uuid = id.indexOf('.');
    String user = call.attempt().key().user();
    if (uuid < 0 || !same(id, id(user, id.substring(0, uuid)))) {
      return;
    }
    Call kept = call.as(attempt(call.attempt(), id));
    for (ObjectNode told : List.of(response.told(), error("The answer is too large"))) {
      try {
        var _ = runner.run(tool(c -> new ToolResult(told)), kept);
        return;
      } catch (ToolException e) {
        LOG.info("An answer could not be kept: {}", e.getMessage());
      }
    }
  }

  /** Nobody makes up a question that was not asked, or answers another user's. */
  private String id(String user, String uuid) throws AttemptFailedException {
    byte[] seal = key.sign((uuid + "\n" + user).getBytes(StandardCharsets.UTF_8));
    return uuid + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(seal);
  }

  private static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  private static Attempt attempt(Attempt of, String id) {
    return new Attempt(new Attempt.Key(of.key().user(), id, 0, true), 1, of.deadline());
  }

  private static Tool tool(Tool.Handler handler) {
    return new Tool(Json.object().put("name", "answer"), Tool.Effect.WRITES_DATABASE, handler);
  }

  private static ObjectNode error(String message) {
    ObjectNode answer = Json.object();
    answer.putObject(ERROR).put("code", RpcException.INTERNAL_ERROR).put("message", message);
    return answer;
  }
}
