package com.mcpist.edge.wire;

import com.mcpist.edge.wire.Payload.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The reason why a call has no answer, as its client is told: contract/errors. The text is for a
 * model, which has tools and no headers; the facts that a program needs are in {@code data}. The
 * result depends on the arguments alone.
 *
 * @param code the error's code if no origin may have run the call
 * @param sentence the sentence that says what is the matter
 * @param forNow true if the same call may succeed in a moment
 * @param delivered true if there is a call that an origin may have been sent, and that has a key
 * @param keepsCalls true if the origins recognize a call that is sent again
 * @param mayHaveRun true if an origin may have acted on this sending
 * @param told true if an origin knows that the client has no answer to this sending, so that the
 *     origin takes the next equal call for the same one
 * @param held true if the call was not sent because it equals an earlier call that may have run,
 *     whose client has no answer, and which no origin has recorded
 * @param header the client's Idempotency-Key
 */
public record CallError(
    String code,
    String sentence,
    boolean forNow,
    boolean delivered,
    boolean keepsCalls,
    boolean mayHaveRun,
    boolean told,
    boolean held,
    String callId,
    @Nullable String header,
    Instant now) {
  // The code is implementation-defined, and outside of the codes to which MCP gives a meaning.
  private static final int SERVER_ERROR = -32000;
  private static final String OUTCOME_UNKNOWN = "outcome_unknown";
  private static final String LOOK_FIRST = "Look first whether it was.";
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Returns the error of a call that no origin has answered. */
  public static CallError unanswered(
      String callId,
      @Nullable String header,
      boolean keepsCalls,
      boolean mayHaveRun,
      boolean told,
      Instant now) {
    return new CallError(
        "origin_unavailable",
        "The server could not be reached.",
        true,
        true,
        keepsCalls,
        mayHaveRun,
        told,
        false,
        callId,
        header,
        now);
  }

  /** Returns this error for a call that was held back, and was not sent. */
  public CallError whenHeld() {
    return new CallError(
        code, sentence, forNow, delivered, keepsCalls, mayHaveRun, told, true, callId, header, now);
  }

  /** An idempotency key, and what it says of the call that has it. */
  private record Key(String text, boolean ours, Instant until) {
    private static final String PREFIX = "mcpist-";
    private static final Pattern OURS =
        Pattern.compile(
            PREFIX + "(([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})");
    private static final Duration OURS_LASTS = Duration.ofMinutes(15);
    private static final Duration LASTS = Duration.ofHours(24);

    static Key of(String text, Instant now) {
      Matcher ours = OURS.matcher(text);
      if (!ours.matches()) {
        return new Key(text, false, now.plus(LASTS));
      }
      long born = Long.parseLong(ours.group(2) + ours.group(3), 16);
      return new Key(text, true, Instant.ofEpochMilli(born).plus(OURS_LASTS));
    }
  }

  /** Returns true if a request has a key that its client has chosen. */
  public static boolean hasClientsKey(@Nullable String header, Message request) {
    String key = request.key() == null ? header : request.key();
    return key != null && !isOurs(key);
  }

  /** Returns true if an edge has given this key. */
  public static boolean isOurs(String key) {
    return Key.OURS.matcher(key).matches();
  }

  /**
   * Returns the body that answers {@code request}: an error for each of its requests, or one error
   * without id if it has no request that can be read.
   */
  public String answer(Payload request) {
    List<Message> requests = request.requests();
    if (requests.isEmpty()) {
      return error(Message.UNREADABLE);
    }
    String errors = requests.stream().map(this::error).collect(Collectors.joining(","));
    return request.batch() ? "[" + errors + "]" : errors;
  }

  /** Returns true if each request may be sent again as it is. */
  public boolean mayBeSentAgain(Payload request) {
    List<Message> requests = request.requests();
    return (requests.isEmpty() ? List.of(Message.UNREADABLE) : requests)
        .stream()
            .allMatch(
                each -> !isHeld(each) && (!unknown(each) || (keepsCalls && given(each) != null)));
  }

  /**
   * Returns true if the request was held back. A request with a key names an earlier sending
   * itself, so its error is the same whether it was held back or not.
   */
  private boolean isHeld(Message request) {
    return held && request.isToolCall() && given(request) == null;
  }

  private boolean unknown(Message request) {
    return mayHaveRun && !request.reads();
  }

  private @Nullable String given(Message request) {
    return request.key() == null ? header : request.key();
  }

  public String error(Message request) {
    String text = given(request);
    @Nullable Key given = text == null ? null : Key.of(text, now);
    boolean unknown = unknown(request);
    boolean isHeld = isHeld(request);
    boolean possible = unknown || isHeld || (given != null && !request.reads());
    ObjectNode error =
        JSON.createObjectNode()
            .put("code", SERVER_ERROR)
            .put("message", unknown ? whenUnknown(request, given) : whenNotRun(isHeld, possible));
    ObjectNode data =
        error
            .putObject("data")
            .put("code", unknown ? OUTCOME_UNKNOWN : code)
            .put("callId", callId)
            .put("sending", given == null ? "first" : given.ours() ? "again" : "unknown")
            .put("effect", possible ? "possible" : "none");
    // Under the call's id as its key, a held call would be another call.
    boolean named = delivered && !isHeld;
    @Nullable Key key = given == null && named ? Key.of(Key.PREFIX + callId, now) : given;
    if (key != null && keepsCalls) {
      data.put("idempotencyKey", key.text()).put("keyUntil", key.until().toString());
    }
    String id = request.id() == null ? "" : "\"id\":" + request.id() + ",";
    return "{\"jsonrpc\":\"2.0\"," + id + "\"error\":" + JSON.writeValueAsString(error) + "}";
  }

  private String whenUnknown(Message request, @Nullable Key given) {
    String maybe = "The outcome is unknown: it may have been done. ";
    if (!request.isToolCall() || !keepsCalls) {
      return maybe + LOOK_FIRST;
    }
    if (given != null && !given.ours()) {
      return maybe
          + "Call again with the same key: it is not done twice. Without the key, look first"
          + " whether it was done.";
    }
    // If no origin knows, another edge may let the next equal call in, and that call would run.
    return told
        ? maybe + "Call again with the same arguments within a minute: it is not done twice."
        : maybe + LOOK_FIRST;
  }

  private String whenNotRun(boolean isHeld, boolean possible) {
    if (!forNow) {
      return sentence;
    }
    if (isHeld) {
      return sentence + " An earlier equal call may have been done. " + LOOK_FIRST;
    }
    return possible
        ? sentence
            + " An earlier sending of this call may have been done. "
            + (keepsCalls ? "Call again with the same key." : LOOK_FIRST)
        : sentence + " Nothing was done. Call again with the same arguments in a few seconds.";
  }
}
