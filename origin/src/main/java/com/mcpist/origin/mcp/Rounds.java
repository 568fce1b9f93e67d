package com.mcpist.origin.mcp;

import com.mcpist.origin.module.AttemptFailedException;
import com.mcpist.origin.module.InputRequired;
import com.mcpist.origin.module.Question;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/** Requests that take more than one round, because the client must answer something first. */
record Rounds(RequestState states) {
  /**
   * What the client brings back from the round before.
   *
   * @throws RpcException when it is not what it could have been given
   * @throws AttemptFailedException while this origin cannot know that
   */
  Question.Answers answers(Call call) throws RpcException, AttemptFailedException {
    if (!call.client().version().modern()) {
      return call.answers();
    }
    ObjectNode byKey = Json.object(call.request().params(), "inputResponses");
    for (var answer : byKey.properties()) {
      if (!answer.getValue().isObject()) {
        throw RpcException.badParams("inputResponses: every response must be an object");
      }
    }
    ObjectNode state = states.open(call.attempt().key().user(), call.request());
    return new Question.Answers(byKey, state, call.client().answerable());
  }

  /**
   * The result that asks.
   *
   * @throws RpcException when this client cannot answer
   * @throws AttemptFailedException while this origin cannot seal
   */
  ObjectNode ask(Call call, InputRequired asked) throws RpcException, AttemptFailedException {
    if (!call.client().version().modern()) {
      throw RpcException.invalidParams(
          "This needs an answer from you, for which only clients of "
              + ProtocolVersion.V2026_07_28.wire()
              + " can be asked");
    }
    refuseUnanswerable(call.client(), asked.questions());
    ObjectNode result = Json.object().put("resultType", "input_required");
    ObjectNode requests = result.putObject("inputRequests");
    asked
        .questions()
        .forEach(
            (key, question) ->
                requests
                    .putObject(key)
                    .put("method", question.kind().method())
                    .set("params", question.params()));
    if (!asked.state().isEmpty()) {
      String user = call.attempt().key().user();
      result.put("requestState", states.seal(asked.state(), user, call.request()));
    }
    return result;
  }

  private static void refuseUnanswerable(Negotiation.Client client, Map<String, Question> questions)
      throws RpcException {
    ObjectNode missing = Json.object();
    for (Question question : questions.values()) {
      if (!client.answerable().contains(question.kind())) {
        missing.putObject(question.kind().name().toLowerCase(Locale.ROOT));
      }
    }
    if (!missing.isEmpty()) {
      ObjectNode data = Json.object();
      data.set("requiredCapabilities", missing);
      throw new RpcException(
          RpcException.MISSING_CAPABILITY,
          400,
          "This needs client capabilities that the request does not declare",
          data);
    }
  }
}
