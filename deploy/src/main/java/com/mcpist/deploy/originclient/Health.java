package com.mcpist.deploy.originclient;

import com.mcpist.deploy.http.ApiException.Reason;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/**
 * What /health answered.
 *
 * @param status the HTTP status; 0 when there was no answer
 * @param ok whether calls should go there
 * @param release which release it is, as people call it; empty when it does not tell
 * @param digest the image that it runs from; empty when it does not tell
 * @param instance the process that answered; empty when it does not tell
 * @param body all that it told, as one line
 * @param problem why there is no answer, or none that can be read; else empty
 * @param reason what sort of thing that is; empty where there is an answer
 */
public record Health(
    int status,
    boolean ok,
    String release,
    String digest,
    String instance,
    String body,
    String problem,
    Optional<Reason> reason) {

  static Health of(int status, JsonNode body) {
    return new Health(
        status,
        status == 200 && body.path("status").asString("").equals("ok"),
        body.path("release").asString(""),
        body.path("digest").asString(""),
        body.path("instance").asString(""),
        body.toString(),
        "",
        Optional.empty());
  }

  Health with(UnaryOperator<String> change) {
    return new Health(
        status,
        ok,
        change.apply(release),
        change.apply(digest),
        change.apply(instance),
        change.apply(body),
        change.apply(problem),
        reason);
  }

  /** None, or none that can be read. */
  static Health none(int status, Reason reason, String problem) {
    return new Health(status, false, "", "", "", "", problem, Optional.of(reason));
  }

  /** How it is, for a person. */
  public String told() {
    if (!problem.isEmpty()) {
      return problem;
    }
    return ok ? "healthy" : "HTTP " + status + (status == 503 ? ", unhealthy" : ", not healthy");
  }
}
