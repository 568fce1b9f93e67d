package com.mcpist.origin.mcp;

import com.mcpist.module.Question;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a client carries from one round of a request to the next: readable, but sealed. It is good
 * for the same user, the same request and an hour only.
 */
public record RequestState(StateKey key, InstantSource clock) {
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  /**
   * What the client brings back from the round before. Throws RpcException when it is not what it
   * could have been given. Throws AttemptFailedException while this origin cannot know that.
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
    ObjectNode state = open(call.attempt().key().user(), call.request());
    return new Question.Answers(byKey, state, call.client().answerable());
  }

  /** The result that asks. Throws AttemptFailedException while this origin cannot seal. */
  ObjectNode ask(Call call, InputRequired asked) throws AttemptFailedException {
    ObjectNode result = Json.object().put("resultType", "input_required");
    result.set("inputRequests", asked.requests());
    if (!asked.state().isEmpty()) {
      String user = call.attempt().key().user();
      result.put("requestState", seal(asked.state(), user, call.request()));
    }
    return result;
  }

  /** Throws RpcException when the client cannot answer. */
  static void refuseUnanswerable(Negotiation.Client client, Map<String, Question> questions)
      throws RpcException {
    ObjectNode missing = Json.object();
    for (Question question : questions.values()) {
      if (!client.answerable().contains(question.kind())) {
        if (question.kind() == Question.Kind.URL_ELICITATION) {
          missing.withObjectProperty("elicitation").putObject("url");
        } else {
          missing.withObjectProperty(question.kind().name().toLowerCase(Locale.ROOT));
        }
      }
    }
    if (!missing.isEmpty()) {
      ObjectNode data = Json.object();
      data.set("requiredCapabilities", missing);
      throw new RpcException(
          RpcException.MISSING_CAPABILITY,
          client.version().modern() ? 400 : 200,
          "This needs an answer from you, and capabilities that you have not declared",
          data);
    }
  }

  /**
   * Seals a state for the next round of this user's request. Throws AttemptFailedException while
   * this origin does not know its key.
   */
  String seal(ObjectNode state, String user, Message.Request request)
      throws AttemptFailedException {
    ObjectNode payload = Json.object();
    payload.put("for", digest(user, request));
    payload.put("until", clock.instant().plus(LIFE).getEpochSecond());
    payload.set("state", state);
    byte[] bytes = Json.bytes(payload);
    return ENCODER.encodeToString(bytes) + "." + ENCODER.encodeToString(key.sign(bytes));
  }

  /**
   * Opens what a client brought back; an empty state where it brought none. Throws RpcException
   * when it is not sealed by us, for this user and this request, or too old. Throws
   * AttemptFailedException while this origin does not know its key.
   */
  ObjectNode open(String user, Message.Request request)
      throws RpcException, AttemptFailedException {
    JsonNode given = request.params().get("requestState");
    if (given == null) {
      return Json.object();
    }
    String[] parts = given.asString("").split("\\.", -1);
    if (parts.length != 2) {
      throw refused();
    }
    byte[] bytes = decoded(parts[0]);
    if (!MessageDigest.isEqual(key.sign(bytes), decoded(parts[1]))) {
      throw refused();
    }
    JsonNode payload = Json.parse(bytes);
    if (!payload.path("for").asString("").equals(digest(user, request))) {
      throw RpcException.invalidParams("requestState belongs to another request");
    }
    if (clock.instant().getEpochSecond() > payload.path("until").asLong(0)) {
      throw RpcException.invalidParams("requestState has expired: begin again without it");
    }
    return payload.path("state") instanceof ObjectNode state ? state : Json.object();
  }

  private static RpcException refused() {
    return RpcException.invalidParams("requestState is not as this server gave it");
  }

  private static byte[] decoded(String text) throws RpcException {
    try {
      return Base64.getUrlDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw refused();
    }
  }

  /** Of the user, the method and everything in the params that does not change between rounds. */
  private static String digest(String user, Message.Request request) {
    ObjectNode same = Json.object().setAll(request.params());
    same.remove(List.of("_meta", "inputResponses", "requestState"));
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(user.getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
      sha256.update(request.method().getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
      Json.canonical(same, sha256);
      return ENCODER.encodeToString(sha256.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }

  /**
   * Authenticates what a client carries from one round of a request to the next. All origins have
   * the same key, so that any of them can go on; it is asked for at each use, where it must answer
   * at once, and empty while it is not known yet. Prints redacted.
   */
  public record StateKey(Supplier<Optional<SecretKey>> key) {
    private static final String ALGORITHM = "HmacSHA256";

    byte[] sign(byte[] message) throws AttemptFailedException {
      SecretKey known =
          key.get()
              .orElseThrow(
                  () -> new AttemptFailedException("The key of request states is not known yet"));
      try {
        Mac mac = Mac.getInstance(ALGORITHM);
        mac.init(known);
        return mac.doFinal(message);
      } catch (NoSuchAlgorithmException | InvalidKeyException e) {
        throw new IllegalStateException("The JDK has no " + ALGORITHM, e);
      }
    }

    @Override
    public String toString() {
      return "StateKey[redacted]";
    }
  }
}
