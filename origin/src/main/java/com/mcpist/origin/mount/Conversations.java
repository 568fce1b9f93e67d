package com.mcpist.origin.mount;

import com.mcpist.module.Claim;
import com.mcpist.module.Question;
import com.mcpist.module.Question.InputRequired;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolException;
import com.mcpist.origin.mcp.Budget.Charge;
import com.mcpist.origin.mcp.Call;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mcp.Negotiation;
import com.mcpist.origin.mount.client.Listener;
import com.mcpist.origin.mount.client.MountException;
import com.mcpist.origin.mount.client.MountException.Kind;
import com.mcpist.origin.mount.client.MountedServer;
import com.mcpist.origin.share.Throttle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Requests to mounted servers in the name of calls. A server may ask the client something
 * meanwhile: then its request stays open and waits here, while the client is asked by the end of
 * its call, and goes on with the call that brings the answer. docs/operations/mounts.md
 */
final class Conversations {
  private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);

  /** The requests that wait for an answer, of all users. */
  private static final int MOST_WAITING = 64;

  /**
   * The requests of one user that wait for an answer. They keep their places among the requests in
   * flight.
   */
  static final int MOST_OF_USER = 4;

  /** The requests to one server that wait for an answer: the other places are for other calls. */
  static final int MOST_OF_SERVER = MountedServer.MOST_CALLS / 2;

  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  /** The time for a process that died under a request to start again. */
  private static final Duration RESTART = Duration.ofSeconds(5);

  private static final long LOOK_MILLIS = 200;

  static final String INTERRUPTED =
      "This call was interrupted at a question to you: the process that asked it has ended, or"
          + " waits no more. The call may have acted before it asked, and was not run again. Look"
          + " first whether it was done.";

  private static final int METHOD_NOT_FOUND = -32601;
  private static final int INTERNAL_ERROR = -32603;

  /** The key of the one question at a time that a server of an older revision asks. */
  private static final String QUESTION = "question";

  // In a state: whose it is, the server's own, and what was asked and answered before.
  private static final String MOUNT = "mount";
  private static final String STATE = "state";
  private static final String GIVEN = "given";

  private static final long MIB = 1024 * 1024;

  /**
   * The bytes of this process's memory that the answers of mounted servers to one user may take. An
   * answer of 4 MiB of text takes four times as much. The work of reading an answer grows with this
   * memory, and takes processor time from all other users.
   */
  private static final Throttle.Limits ANSWERS =
      new Throttle.Limits(4 * MIB, 32 * MIB, MIB / 2, 4 * MIB);

  /**
   * The longest time that a call waits because of its user's earlier answers. A user who sends one
   * call at a time waits 16 s at most, which pays for the largest debt that a {@link Throttle}
   * keeps. Many clients give up after 60 s, so a call that is refused, and one whose turn comes at
   * last, must leave time for its answer.
   */
  private static final Duration LONGEST_WAIT_FOR_TURN = Duration.ofSeconds(20);

  /** A call that waits looks this often whether its client has left. */
  private static final Duration LOOK_FOR_CLIENT = Duration.ofMillis(250);

  private final Throttle throttle = new Throttle(ANSWERS, System::nanoTime);
  private final Map<String, Conversation> waiting = new LinkedHashMap<>();

  /** What is asked of which server, and whether it may be asked again, after it was asked. */
  record Request(
      String mount,
      Copies copies,
      String method,
      ObjectNode params,
      Duration limit,
      boolean mayRunAgain) {
    private Request with(ObjectNode others) {
      return new Request(mount, copies, method, others, limit, mayRunAgain);
    }
  }

  /**
   * The result for a call, which may have asked before and brings the answers. A request that may
   * run again does so once, if its server was lost.
   *
   * @throws InputRequired when the server asks the client something
   * @throws ToolException when the request waited for this answer, and is gone
   */
  ObjectNode result(Request request, ToolCall call) throws Exception {
    call.started();
    ObjectNode state = call.answers().state();
    boolean ours = state.path(MOUNT).stringValueOpt().orElse("").equals(request.mount());
    ObjectNode result;
    if (ours && state.has(InputRequired.WAITS)) {
      result = goOn(request, call, state);
    } else if (ours) {
      ObjectNode params = Json.object().setAll(request.params());
      params.set("inputResponses", call.answers().byKey());
      if (state.has(STATE)) {
        params.set("requestState", state.get(STATE));
      }
      result = begin(request.with(params), call, List.of());
    } else {
      result = begin(request, call, List.of());
    }
    if (result.path("resultType").stringValueOpt().orElse("").equals("input_required")) {
      throw asked(request, result);
    }
    return result;
  }

  /** Returns the questions of a server that keeps nothing between the rounds. */
  private static Exception asked(Request request, ObjectNode result) {
    Map<String, Question> questions = new LinkedHashMap<>();
    for (var each : result.path("inputRequests").properties()) {
      Question question = Question.of(each.getValue()).orElse(null);
      if (question == null) {
        return MountException.answered(INTERNAL_ERROR, "The server asks what no client can answer");
      }
      questions.put(each.getKey(), question);
    }
    ObjectNode state = Json.object().put(MOUNT, request.mount());
    if (result.has("requestState")) {
      state.set(STATE, result.get("requestState"));
    }
    return new InputRequired(questions, state);
  }

  private ObjectNode goOn(Request request, ToolCall call, ObjectNode state) throws Exception {
    List<ObjectNode> given = new ArrayList<>();
    state.path(GIVEN).forEach(each -> given.add((ObjectNode) each));
    ObjectNode answer = call.answers().to(QUESTION).orElse(null);
    @Nullable MountException lost = null;
    Conversation waits = waiting(state, call, answer != null);
    if (waits != null) {
      if (answer == null) {
        throw waits.question();
      }
      try {
        return waits.goOn(answer, call);
      } catch (MountException e) {
        if (e.kind() != Kind.UNKNOWN || !request.mayRunAgain()) {
          throw e;
        }
        lost = e;
      }
    } else if (!request.mayRunAgain()) {
      throw new ToolException(INTERRUPTED);
    }
    if (answer != null) {
      ObjectNode last = Json.object();
      last.set("method", state.path("method"));
      last.set("result", answer);
      given.add(last);
    }
    return lost == null ? begin(request, call, given) : again(request, call, given, lost);
  }

  /** What waits for this call, if it does so here; it is taken if there is an answer. */
  private @Nullable Conversation waiting(ObjectNode state, ToolCall call, boolean taken) {
    synchronized (waiting) {
      String id = state.path(InputRequired.WAITS).asString();
      Conversation waits = waiting.get(id);
      if (waits == null || !waits.user.equals(call.attempt().key().user())) {
        return null;
      }
      if (taken) {
        waiting.remove(id);
      }
      return waits;
    }
  }

  private ObjectNode begin(Request request, ToolCall call, List<ObjectNode> given)
      throws Exception {
    long began = System.nanoTime();
    try {
      return new Conversation(request, call, given).begin(call);
    } catch (MountException lost) {
      long took = System.nanoTime() - began;
      if (lost.kind() != Kind.UNKNOWN
          || !request.mayRunAgain()
          || call.cancelled()
          || took > request.limit().toNanos() / 2) {
        throw lost;
      }
      LOG.info(
          "{}: {} runs again, after: {}", request.mount(), request.method(), lost.getMessage());
      return again(request, call, given, lost);
    }
  }

  /** A process that died is started again after a while only. */
  private ObjectNode again(
      Request request, ToolCall call, List<ObjectNode> given, MountException lost)
      throws Exception {
    long until = System.nanoTime() + RESTART.toNanos();
    while (true) {
      try {
        return new Conversation(request, call, given).begin(call);
      } catch (MountException e) {
        if (e.kind() != Kind.NOT_SENT) {
          throw e;
        }
        if (System.nanoTime() - until > 0 || call.cancelled()) {
          throw lost;
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    }
  }

  private boolean park(Conversation conversation) {
    synchronized (waiting) {
      long ofUser = waiting.values().stream().filter(c -> c.user.equals(conversation.user)).count();
      long ofServer =
          waiting.values().stream().filter(c -> c.copy.equals(conversation.copy)).count();
      if (waiting.size() >= MOST_WAITING || ofUser >= MOST_OF_USER || ofServer >= MOST_OF_SERVER) {
        return false;
      }
      waiting.put(conversation.id, conversation);
      return true;
    }
  }

  private void unpark(Conversation conversation) {
    synchronized (waiting) {
      waiting.remove(conversation.id);
    }
  }

  /** What comes of a request, for the call that waits for it. */
  private sealed interface Event {
    record Done(ObjectNode result) implements Event {}

    record Failed(Throwable why) implements Event {}

    record Asked(InputRequired question) implements Event {}
  }

  /** One request, which may outlive the call that began it. */
  private final class Conversation implements Listener {
    private final String id = UUID.randomUUID().toString();
    private final Request request;
    private final String user;
    private final Copies.Copy copy;
    private final Throttle.Turn turn;
    private final Duration limit;

    /** The claim of the round that is being worked on. */
    private volatile Claim claim;

    /**
     * The earlier questions and answers. The first of these questions are answered without asking.
     */
    private final List<ObjectNode> given;

    private int repeated;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<ObjectNode> answers = new ArrayBlockingQueue<>(1);
    private volatile @Nullable ToolCall round;
    private volatile @Nullable InputRequired question;
    private final AtomicReference<@Nullable Charge> charge = new AtomicReference<>();
    private final Thread thread;

    Conversation(Request request, ToolCall call, List<ObjectNode> given) throws MountException {
      this.request = request;
      this.user = call.attempt().key().user();
      this.claim = call.claim();
      this.given = new ArrayList<>(given);
      this.limit =
          call.timeLeft()
              .filter(left -> left.compareTo(request.limit()) < 0)
              .orElse(request.limit());
      this.copy = request.copies().take(user);
      this.turn = throttle.enter(user);
      Map<String, String> logged = MDC.getCopyOfContextMap();
      this.thread =
          Thread.ofVirtual()
              .name(request.mount() + " call")
              .unstarted(
                  () -> {
                    MDC.setContextMap(logged);
                    run();
                  });
    }

    ObjectNode begin(ToolCall call) throws Exception {
      round = call;
      try {
        thread.start();
      } catch (Throwable e) {
        copy.close();
        throw e;
      }
      return await(call);
    }

    ObjectNode goOn(ObjectNode answer, ToolCall call) throws Exception {
      round = call;
      claim = call.claim(); // Before the answer, which is sent under this claim.
      answers.add(answer);
      return await(call);
    }

    InputRequired question() {
      InputRequired asked = question;
      return asked == null ? new InputRequired(Map.of()) : asked;
    }

    private ObjectNode await(ToolCall call) throws Exception {
      try {
        Event event = events.take();
        @Nullable Charge held = event instanceof Event.Asked ? null : charge.getAndSet(null);
        if (held != null) {
          Call.charge(call, held);
        }
        return switch (event) {
          case Event.Done(ObjectNode result) -> result;
          case Event.Failed(Exception why) -> throw why;
          case Event.Failed(Throwable why) ->
              throw MountException.unknown("its answer could not be taken: " + why);
          case Event.Asked(InputRequired asked) -> throw asked;
        };
      } catch (InterruptedException e) {
        thread.interrupt(); // The origin stops.
        throw e;
      } finally {
        round = null;
      }
    }

    /**
     * Whatever becomes of the request, whoever waits for it is told: else the call waits for ever.
     */
    private void run() {
      Event end;
      try (copy;
          turn) {
        Duration left = limit.minus(waitForTurn());
        end = new Event.Done(copy.server().request(request.method(), request.params(), this, left));
      } catch (MountException | RuntimeException e) {
        end = new Event.Failed(e);
      } catch (InterruptedException e) {
        end = new Event.Failed(MountException.unknown("this origin stops"));
      } catch (Throwable e) {
        LOG.error("{}: {} failed", request.mount(), request.method(), e);
        end = new Event.Failed(e);
      }
      events.add(end);
      if (round == null) {
        holds(null); // Nobody waits any more.
      }
    }

    /**
     * Waits until the user's earlier answers leave room for another large one.
     *
     * @return the time that this took
     */
    private Duration waitForTurn() throws MountException, InterruptedException {
      long began = System.nanoTime();
      Duration longest =
          Collections.min(
              List.of(LONGEST_WAIT_FOR_TURN, limit.minus(MountedServer.TELLING_REFUSAL)));
      Duration more = turn.await(LOOK_FOR_CLIENT);
      while (!more.isZero()) {
        if (cancelled()) {
          throw MountException.notSent("the call was cancelled");
        }
        if (System.nanoTime() - began > longest.toNanos()) {
          throw MountException.crowded("its user has had too many large answers", more);
        }
        more = turn.await(LOOK_FOR_CLIENT);
      }
      return Duration.ofNanos(System.nanoTime() - began);
    }

    @Override
    public void costs(long bytes) {
      turn.costs(bytes);
    }

    @Override
    public void holds(@Nullable Charge held) {
      @Nullable Charge before = charge.getAndSet(held);
      if (before != null) {
        before.close();
      }
    }

    @Override
    public void progress(ObjectNode params) {
      ToolCall call = round;
      if (call != null) {
        call.progress(
            params.path("progress").doubleValueOpt().orElse(0),
            params.path("total").doubleValueOpt().orElse(0),
            params.path("message").stringValueOpt().orElse(""));
      }
    }

    @Override
    public void log(ObjectNode params) {
      ToolCall call = round;
      JsonNode data = params.get("data");
      if (call != null && data != null) {
        Negotiation.level(params.path("level"))
            .ifPresent(
                level ->
                    call.log(
                        level,
                        params.path("logger").stringValueOpt().orElse(request.mount()),
                        data));
      }
    }

    @Override
    public Claim claim() {
      return claim;
    }

    @Override
    public String user() {
      return user;
    }

    @Override
    public boolean cancelled() {
      ToolCall call = round;
      return call != null && call.cancelled();
    }

    @Override
    public ObjectNode ask(String method, ObjectNode params)
        throws MountException, InterruptedException {
      if (repeated < given.size()
          && given.get(repeated).path("method").stringValueOpt().orElse("").equals(method)
          && given.get(repeated).get("result") instanceof ObjectNode before) {
        repeated++;
        return answered(before);
      }
      given.subList(repeated, given.size()).clear(); // It asks something else this time.
      Optional<Question.Kind> kind = Question.Kind.of(method, params);
      ToolCall call = round;
      if (kind.isEmpty() || call == null || !call.answers().answerable().contains(kind.get())) {
        throw MountException.answered(METHOD_NOT_FOUND, "The client cannot be asked for " + method);
      }
      InputRequired asked = asked(new Question(kind.get(), params));
      question = asked;
      if (!park(this)) {
        throw MountException.answered(
            INTERNAL_ERROR, "Too many calls wait for answers: the client is not asked");
      }
      try {
        answers.clear(); // An answer may have come too late for the question before.
        events.add(new Event.Asked(asked));
        ObjectNode answer = answers.poll(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS);
        if (answer == null) {
          throw MountException.answered(INTERNAL_ERROR, "The client has not answered in time");
        }
        ObjectNode told = Json.object().put("method", method);
        told.set("result", answer);
        given.add(told);
        repeated++;
        return answered(answer);
      } finally {
        unpark(this);
      }
    }

    /** Throws MountException: the client has answered with an error, which its server gets. */
    private static ObjectNode answered(ObjectNode answer) throws MountException {
      JsonNode error = answer.path("error");
      if (error.isObject()) {
        throw MountException.answered(
            error.path("code").asInt(INTERNAL_ERROR), error.path("message").asString(""));
      }
      return answer;
    }

    private InputRequired asked(Question asked) {
      ObjectNode state =
          Json.object()
              .put(MOUNT, request.mount())
              .put(InputRequired.WAITS, id)
              .put("method", asked.kind().method());
      given.forEach(state.putArray(GIVEN)::add);
      return new InputRequired(Map.of(QUESTION, asked), state);
    }
  }
}
