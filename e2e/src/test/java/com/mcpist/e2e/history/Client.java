package com.mcpist.e2e.history;

import com.mcpist.e2e.history.History.Outcome;
import com.mcpist.e2e.history.History.Recorder;
import com.mcpist.e2e.history.History.Sending;
import com.mcpist.e2e.history.Step.Manner;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One user, who sends calls through one edge, and records what the edge says. */
final class Client {
  private static final Duration EDGE_AWAY = Duration.ofSeconds(30);
  private static final int MOST_AGAIN = 3;
  private static final String NEWEST = "2026-07-28";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final EdgeProcess edge;
  private final String authorization;
  private final Recorder recorder;
  private final Marks marks;

  /** The longest time that a call may take beyond what its tool takes: a longer one hangs. */
  private final Duration longest;

  /** What {@link Target#DELETE} deletes. */
  private volatile String memory = "";

  Client(EdgeProcess edge, String authorization, Recorder recorder, Marks marks, Duration longest) {
    this.edge = edge;
    this.authorization = authorization;
    this.recorder = recorder;
    this.marks = marks;
    this.longest = longest;
  }

  /** What the last save of this user has made; empty for nothing. */
  String memory() {
    return memory;
  }

  /**
   * Sends a call, unless it has been answered and has no key: then it would be another call.
   *
   * @param before how this client's last sending of the call ended; null for none
   */
  Sending send(Step.Send step, @Nullable Sending before) throws InterruptedException {
    Call call = step.call();
    if (before != null && call.key().isEmpty() && isAnswered(before)) {
      return before;
    }
    Sending sending = send(call, call.key(), step.manner(), step.revision(), step.awhileMillis());
    for (int again = 0; again < MOST_AGAIN && !serversKey(sending).isEmpty(); again++) {
      String key = serversKey(sending);
      sending = send(call, key, Manner.WAITS, step.revision(), 0);
      if (call.target().onlyOnce() && sending.outcome() == Outcome.DONE) {
        send(call.withOtherArguments(), key, Manner.WAITS, step.revision(), 0);
      }
    }
    return sending;
  }

  private static boolean isAnswered(Sending sending) {
    return sending.outcome() != Outcome.NOTHING && sending.outcome() != Outcome.NOT_RUN;
  }

  /** The key by which an edge or origin offers to send the call again. */
  private static String serversKey(Sending sending) {
    boolean offered = sending.outcome() == Outcome.UNKNOWN && !sending.call().deadly();
    return offered ? Answer.keyIn(sending.text()) : "";
  }

  Sending send(Call call, String key, Manner manner, String revision, int awhileMillis)
      throws InterruptedException {
    long sentAt = recorder.now();
    Answer answer;
    try (RawHttp http = connect()) {
      sentAt = recorder.now();
      http.patience(longest.plusMillis(call.holdMillis())).send(request(call, key, revision));
      marks.set(Marks.sent(call));
      answer = manner == Manner.WAITS ? read(http) : leave(http, call, manner, awhileMillis);
    } catch (IOException | UncheckedIOException e) {
      answer = new Answer(Outcome.NOTHING, "", String.valueOf(e.getMessage()));
    }
    if (call.target().equals(Target.SAVE) && answer.outcome() == Outcome.DONE) {
      memory = answer.token();
    }
    Sending sending =
        new Sending(
            call,
            edge.kind().name(),
            key,
            sentAt,
            recorder.now(),
            answer.outcome(),
            answer.token(),
            answer.text());
    recorder.add(sending);
    marks.set(Marks.over(call));
    return sending;
  }

  /** Leaves; an answer that has come before counts, since its edge takes it for delivered. */
  private Answer leave(RawHttp http, Call call, Manner manner, int awhileMillis)
      throws IOException, InterruptedException {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    answer.complete(read(http));
                  } catch (IOException | RuntimeException e) {
                    answer.completeExceptionally(e);
                  }
                  marks.set(Marks.arrived(call));
                });
    if (call.target().mounted()) {
      marks.await(List.of(Marks.arrived(call)), longest.toMillis());
    }
    TimeUnit.MILLISECONDS.sleep(awhileMillis);
    if (answer.isDone() && !answer.isCompletedExceptionally()) {
      return answer.join();
    }
    if (manner == Manner.RESETS) {
      http.reset();
    } else {
      http.close();
    }
    reader.join();
    return new Answer(Outcome.NOTHING, "", "the client has left");
  }

  private static Answer read(RawHttp http) throws IOException {
    try {
      Optional<HttpMessage> answer = http.readIfAny();
      return answer.map(Answer::of).orElse(new Answer(Outcome.NOTHING, "", "the connection ended"));
    } catch (SocketTimeoutException e) {
      return new Answer(Outcome.TOO_LATE, "", "no answer in time");
    }
  }

  /** An edge that is started again is soon there. */
  private RawHttp connect() throws InterruptedException {
    long end = System.nanoTime() + EDGE_AWAY.toNanos();
    while (true) {
      try {
        return RawHttp.connect(edge.port());
      } catch (UncheckedIOException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  private String request(Call call, String key, String revision) {
    List<String> headers = new ArrayList<>();
    headers.add("Accept: application/json, text/event-stream");
    headers.add("MCP-Protocol-Version: " + revision);
    headers.add(authorization);
    if (!key.isEmpty()) {
      headers.add("Idempotency-Key: " + key);
    }
    ObjectNode body = JSON.createObjectNode().put("jsonrpc", "2.0");
    body.put("id", UUID.randomUUID().toString()).put("method", "tools/call");
    ObjectNode params = body.putObject("params").put("name", call.target().offered());
    Map<String, Object> arguments =
        call.target().equals(Target.DELETE) ? Map.of("id", memory) : call.arguments();
    ObjectNode sent = JSON.valueToTree(arguments);
    if (call.target().mounted()) {
      sent.put("seed", recorder.seed());
    }
    params.set("arguments", sent);
    if (revision.equals(NEWEST)) {
      headers.add("Mcp-Method: tools/call");
      headers.add("Mcp-Name: " + call.target().offered());
      ObjectNode meta = params.putObject("_meta");
      meta.put("io.modelcontextprotocol/protocolVersion", revision);
      meta.putObject("io.modelcontextprotocol/clientCapabilities");
    }
    return RawHttp.post("/mcp", String.join("\n", headers), body.toString());
  }
}
