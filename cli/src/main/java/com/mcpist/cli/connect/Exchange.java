package com.mcpist.cli.connect;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** A message on its way: sent until it is taken and its requests are answered, under one key. */
final class Exchange {
  static final String LISTEN = "subscriptions/listen";

  /** Errors that say: come again. */
  private static final Set<String> TEMPORARY =
      Set.of("origin_unavailable", "auth_unavailable", "overloaded", "rate_limited");

  private final Remote remote;
  private final Message message;
  private final Consumer<Message> host;
  private final String key = UUID.randomUUID().toString();
  private final Set<String> unanswered;
  private final Map<String, Double> progress = new HashMap<>();
  private boolean sent;

  sealed interface Outcome {
    record Over() implements Outcome {}

    /** {@code last}: the error that is the answer if there will be no other. */
    record Again(String why, Duration after, @Nullable Message last) implements Outcome {}
  }

  /** {@code host}: takes what the server sends. */
  Exchange(Remote remote, Message message, Consumer<Message> host) {
    this.remote = remote;
    this.message = message;
    this.host = host;
    this.unanswered = new HashSet<>(message.asked());
  }

  /** Until it is over, or this thread is interrupted. */
  void run(Duration limit) {
    Pauses pauses = new Pauses(message.has(LISTEN) ? null : limit);
    while (attempt() instanceof Outcome.Again(String why, Duration after, Message last)) {
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
      remote.failed(why);
      if (!pauses.await(after)) {
        if (!unanswered.isEmpty() && !Thread.currentThread().isInterrupted()) {
          host.accept(last == null ? error(outOfReach(limit, why)) : last);
        }
        return;
      }
    }
  }

  private Outcome attempt() {
    try {
      return attempt(remote.open(message));
    } catch (IOException | JacksonException e) {
      // A stream may end in any way after the answer.
      return unanswered.isEmpty() && !message.asked().isEmpty()
          ? new Outcome.Over()
          : new Outcome.Again(String.valueOf(e.getMessage()), Duration.ZERO, null);
    }
  }

  /** One attempt on this connection, without a further one. */
  Outcome attempt(HttpURLConnection connection) throws IOException {
    if (message.has("tools/call") && message.get(Message.KEY).isEmpty()) {
      connection.setRequestProperty("Idempotency-Key", key);
    }
    try (var out = connection.getOutputStream()) {
      sent = true;
      out.write(message.json());
    }
    int status = connection.getResponseCode();
    if (status < 0) {
      throw new IOException("it does not speak HTTP");
    }
    if (status == HttpURLConnection.HTTP_NOT_FOUND && remote.renew(connection)) {
      return new Outcome.Again("its session is over", Duration.ZERO, null);
    }
    String type = Objects.requireNonNullElse(connection.getContentType(), "");
    if (status == HttpURLConnection.HTTP_OK && type.startsWith("text/event-stream")) {
      remote.answered();
      return events(connection);
    }
    byte[] body = body(connection, status);
    if (status / 100 == 2 && unanswered.isEmpty()) {
      remote.answered();
      return new Outcome.Over();
    }
    Message answer = type.contains("json") ? Message.of(body) : null;
    if (status == 429 || (status >= 500 && status != 501 && status != 505)) {
      return new Outcome.Again(
          "HTTP " + status, after(connection), answers(answer) ? answer : null);
    }
    remote.answered();
    if (answer != null && answers(answer)) {
      return take(connection, answer);
    }
    return refused(status, answer);
  }

  private boolean answers(@Nullable Message answer) {
    return answer != null && answer.answered().containsAll(unanswered);
  }

  private Outcome refused(int status, @Nullable Message answer) {
    if (status == HttpURLConnection.HTTP_UNAUTHORIZED) {
      remote.say(
          "the server wants a key that it knows (HTTP 401). Make one with `mcpist keys create`,"
              + " and set MCPIST_API_KEY or --key-file.");
    }
    if (!unanswered.isEmpty()) {
      String error = answer == null ? "" : answer.get("error");
      host.accept(
          error(
              error.isEmpty()
                  ? "{\"code\":-32000,\"message\":\"The server answered HTTP %s.\"}"
                      .formatted(status)
                  : error));
    }
    return new Outcome.Over();
  }

  private Outcome events(HttpURLConnection connection) throws IOException {
    try (InputStream in = new BufferedInputStream(connection.getInputStream())) {
      Lines lines = new Lines(in);
      for (var data = lines.data(); data.isPresent(); data = lines.data()) {
        if (take(connection, Message.of(data.get())) instanceof Outcome.Again again) {
          return again;
        }
      }
    }
    if (unanswered.isEmpty()) {
      return new Outcome.Over();
    }
    throw new EOFException("the stream ended without an answer");
  }

  private Outcome take(HttpURLConnection connection, Message answer) {
    String code = answer.get("error.data.code");
    // Under a key that the server keeps, a call whose outcome is unknown is not done twice.
    boolean keyed = !answer.get("error.data.idempotencyKey").isEmpty();
    if (TEMPORARY.contains(code) || (keyed && code.equals("outcome_unknown"))) {
      return new Outcome.Again(code, after(connection), answers(answer) ? answer : null);
    }
    if (message.get("method").equals("initialize")) {
      remote.agree(connection, answer);
    }
    answer.answered().forEach(unanswered::remove);
    if (isNews(answer)) {
      host.accept(answer);
    }
    return new Outcome.Over();
  }

  /** Whether it is none of the progress that an earlier attempt has told already. */
  private boolean isNews(Message answer) {
    if (!answer.get("method").equals("notifications/progress")
        || !answer.get("params.progress").matches("-?[0-9][0-9.eE+-]*")) {
      return true;
    }
    String token = answer.get("params.progressToken");
    double now = Double.parseDouble(answer.get("params.progress"));
    if (progress.getOrDefault(token, Double.NEGATIVE_INFINITY) >= now) {
      return false;
    }
    progress.put(token, now);
    return true;
  }

  /** The whole of it, or an exception. */
  private static byte[] body(HttpURLConnection connection, int status) throws IOException {
    InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream();
    if (in == null) {
      return new byte[0];
    }
    byte[] body = in.readAllBytes();
    // This class takes the end of a connection for the end of a body.
    if (body.length < connection.getContentLengthLong()) {
      throw new EOFException("the answer was cut off");
    }
    return body;
  }

  private static Duration after(HttpURLConnection connection) {
    String seconds = connection.getHeaderField("Retry-After");
    return Optional.ofNullable(seconds)
        .filter(value -> value.matches("[0-9]{1,5}"))
        .map(value -> Duration.ofSeconds(Long.parseLong(value)))
        .orElse(Duration.ZERO);
  }

  private String outOfReach(Duration limit, String why) {
    String done = sent ? "It may have been done: look first whether it was." : "Nothing was done.";
    return "{\"code\":-32000,\"message\":%s,\"data\":{\"code\":\"%s\",\"effect\":\"%s\"}}"
        .formatted(
            Message.quoted(
                "The server could not be reached for %d s (%s). %s"
                    .formatted(limit.toSeconds(), why, done)),
            sent ? "outcome_unknown" : "origin_unavailable",
            sent ? "possible" : "none");
  }

  /** An error for each request that has no answer. */
  private Message error(String error) {
    List<String> errors =
        unanswered.stream()
            .map(id -> "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":%s}".formatted(id, error))
            .toList();
    boolean batch = message.parts().size() > 1;
    String json = errors.stream().collect(Collectors.joining(","));
    return Message.of((batch ? "[" + json + "]" : json).getBytes(StandardCharsets.UTF_8));
  }
}
