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
 * Why a call has no answer, as its client is told: contract/errors. The text is for a model, which
 * has tools and no headers; what a program needs is in {@code data}. Pure.
 *
 * @param code where no origin may have run it
 * @param sentence what is the matter
 * @param forNow whether the same call may succeed in a moment
 * @param delivered whether there is a call that an origin may have been sent, and that has a key
 * @param keepsCalls whether the origins know a call again that is sent again
 * @param mayHaveRun whether an origin may have acted on this sending
 * @param told whether an origin knows that the client has no answer of this sending, so that it
 *     takes the next equal call for the same one
 * @param held whether the call was not sent because it equals an earlier one that may have run and
 *     whose client has no answer, which no origin has recorded
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
  // Implementation-defined, and outside of the codes that MCP gives a meaning.
  private static final int SERVER_ERROR = -32000;
  private static final String OUTCOME_UNKNOWN = "outcome_unknown";
  private static final String LOOK_FIRST = "Look first whether it was.";
  private static final JsonMapper JSON = JsonMapper.shared();

  /** No origin has answered the call. */
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

  /** A key, and what it says of the call that has it. */
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

  /** Whether a request has a key that its client has chosen. */
  public static boolean hasClientsKey(@Nullable String header, Message request) {
    String key = request.key() == null ? header : request.key();
    return key != null && !isOurs(key);
  }

  /** Whether an edge has given this key. */
  public static boolean isOurs(String key) {
    return Key.OURS.matcher(key).matches();
  }

  /**
   * The body that answers {@code request}: an error for each of its requests, and one without id
   * where it has none that can be read.
   */
  public String answer(Payload request) {
    List<Message> requests = request.requests();
    if (requests.isEmpty()) {
      return error(Message.UNREADABLE);
    }
    String errors = requests.stream().map(this::error).collect(Collectors.joining(","));
    return request.batch() ? "[" + errors + "]" : errors;
  }

  /** Whether each request may be sent again as it is. */
  public boolean mayBeSentAgain(Payload request) {
    List<Message> requests = request.requests();
    return (requests.isEmpty() ? List.of(Message.UNREADABLE) : requests)
        .stream()
            .allMatch(
                each -> !isHeld(each) && (!unknown(each) || (keepsCalls && given(each) != null)));
  }

  /** A sending under a key names an earlier one itself, so its error is the same held or not. */
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
    boolean named = delivered && !isHeld; // Under its id a held call would be another call.
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
    // Where no origin knows, another edge may let the next equal call in, and it would run.
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
