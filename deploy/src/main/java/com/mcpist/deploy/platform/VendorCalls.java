package com.mcpist.deploy.platform;

import com.mcpist.deploy.http.Answer;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.time.Deadline;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Calls whose failure is told to a person, and what vendors' answers have in common. */
public record VendorCalls(ApiClient client, ApiErrors errors) {

  /** The answer's body. */
  public JsonNode read(Call call, Deadline deadline)
      throws PlatformException, InterruptedException {
    return answer(call, deadline).body();
  }

  /** The answer, for a call some of whose errors are answers. */
  public Answer answer(Call call, Deadline deadline)
      throws PlatformException, InterruptedException {
    try {
      return client.send(call, deadline);
    } catch (ApiException e) {
      throw errors.of(e);
    }
  }

  /** A moment as vendors write it; empty when it is none. */
  public static Optional<Instant> instant(JsonNode json) {
    try {
      return Optional.of(Instant.parse(json.asString("")));
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  /** An object; an empty one when it is none. */
  public static ObjectNode object(JsonNode json) {
    return json instanceof ObjectNode object ? object : JsonMapper.shared().createObjectNode();
  }
}
