package com.mcpist.e2e.history;

import com.mcpist.e2e.history.History.Outcome;
import com.mcpist.testkit.HttpMessage;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a response says of a call.
 *
 * @param token the number of the effect, or the id of the memory; empty without a result
 * @param text the answer, shortened
 */
record Answer(Outcome outcome, String token, String text) {
  private static final int LONGEST_TEXT = 1_000;
  private static final Pattern EFFECT = Pattern.compile("^Effect #(\\d+) of ");
  private static final Pattern KEY = Pattern.compile("\"idempotencyKey\":\"(mcpist-[^\"]+)\"");

  static Answer of(HttpMessage response) {
    String text = response.text();
    Optional<JsonNode> message = message(text);
    String shortened = text.substring(0, Math.min(text.length(), LONGEST_TEXT));
    if (response.status() != 200 || message.isEmpty()) {
      String told = response.startLine() + " " + shortened;
      return new Answer(Outcome.FAILED, "", told);
    }
    JsonNode result = message.get().path("result");
    if (!result.isObject()) {
      return new Answer(error(message.get().path("error")), "", shortened);
    }
    String said = result.at("/content/0/text").asString("");
    if (result.path("isError").asBoolean(false)) {
      return new Answer(toolError(said), "", shortened);
    }
    Matcher effect = EFFECT.matcher(said);
    String token =
        effect.find() ? effect.group(1) : result.path("structuredContent").path("id").asString("");
    return new Answer(Outcome.DONE, token, shortened);
  }

  /** The server's own key in the text of an error; empty if it has none. */
  static String keyIn(String text) {
    Matcher key = KEY.matcher(text);
    return key.find() ? key.group(1) : "";
  }

  private static Optional<JsonNode> message(String text) {
    JsonMapper json = JsonMapper.shared();
    try {
      if (!text.startsWith("event:") && !text.startsWith("data:") && !text.startsWith(":")) {
        return Optional.of(json.readTree(text));
      }
      return text.lines()
          .filter(line -> line.startsWith("data:"))
          .map(line -> json.readTree(line.substring("data:".length())))
          .filter(message -> message.has("result") || message.has("error"))
          .findFirst();
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  private static Outcome error(JsonNode error) {
    return switch (error.path("data").path("effect").asString("")) {
      case "none" -> Outcome.NOT_RUN;
      case "possible" -> Outcome.UNKNOWN;
      default -> Outcome.FAILED;
    };
  }

  private static Outcome toolError(String said) {
    if (said.contains("was used for another call")) {
      return Outcome.KEY_TAKEN;
    }
    if (said.contains("outcome of this call is unknown")
        || said.contains("It may have been done")) {
      return Outcome.UNKNOWN;
    }
    boolean nothing = said.contains("Nothing was run") || said.contains("nothing was changed");
    return nothing ? Outcome.NOT_RUN : Outcome.FAILED;
  }
}
