package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation.Attempt;
import com.mcpist.module.Module;
import com.mcpist.module.ToolRunner;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.module.ToolRunner.TooOldException;
import com.mcpist.origin.auth.RefusedException;
import com.mcpist.origin.mcp.Audit.Transport;
import com.mcpist.origin.trace.Span;
import com.mcpist.origin.trace.Traces;
import io.prometheus.metrics.model.registry.Collector;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The MCP server: what modules offer, on the wire of both eras, with no session in either. */
public final class McpEndpoint {
  /** Messages in one batch: it is answered by one thread, one after the other. */
  static final int LARGEST_BATCH = 50;

  /** The most resources that one stream watches. */
  private static final int MOST_WATCHED = 100;

  /**
   * The most characters in all URIs that one stream watches. A stream keeps these for as long as it
   * is open, and is charged for its head alone.
   */
  private static final int MOST_KEPT = 8 * 1024;

  /**
   * The client of a notice. A newer release may have run a call of a revision that this release
   * does not know, so a notice is recorded whatever its revision is.
   */
  private static final Negotiation.Client ANY_CLIENT =
      new Negotiation.Client(ProtocolVersion.V2025_03_26, Set.of(), null);

  /** The methods that make a module work. */
  private static final Set<String> COUNTED =
      Set.of("tools/call", "resources/read", "prompts/get", "completion/complete");

  private static final Logger LOG = LoggerFactory.getLogger(McpEndpoint.class);
  private static final String UNDELIVERED = "X-Undelivered";

  /** The status by which an edge knows that no origin can record a notice. */
  private static final int GONE = 410;

  private static final int BAD_REQUEST = 400;

  private static final String SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId";

  private final List<Module> modules;
  private final CallMetrics metrics = new CallMetrics();
  private final Admission admission;
  private final InstantSource clock;
  private final Audit audit;
  private final Traces traces;
  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private volatile Methods methods;

  private record Reply(int status, ObjectNode body) {}

  /** An open stream, and of which lists it is told, as MCP's notifications name them. */
  private record Subscription(JsonNode id, Set<String> lists, Exchange exchange) {
    void tell(String list) {
      if (lists.contains(list)) {
        String method = "notifications/" + list + "/list_changed";
        ObjectNode params = subscribed(id, Json.object());
        exchange.notify(Json.bytes(Message.notification(method, params)));
      }
    }
  }

  /**
   * Builds the endpoint and compiles every schema. The clock is the database's. Clients see the
   * modules in this order. Throws IllegalArgumentException when two modules offer the same name, or
   * a schema is not one.
   */
  public McpEndpoint(
      List<Module> modules,
      ToolRunner runner,
      Methods.ServerInfo server,
      RequestState.StateKey key,
      Admission admission,
      InstantSource clock,
      Audit audit,
      Traces traces) {
    this.modules = modules;
    this.methods =
        new Methods(server, new Catalog(modules), runner, new RequestState(key, clock), metrics);
    this.admission = admission;
    this.clock = clock;
    this.audit = audit;
    this.traces = traces;
  }

  /** Offers what the modules list now, and tells of it. */
  public synchronized void changed() {
    Catalog before = methods.catalog();
    Catalog now = new Catalog(modules);
    methods = methods.with(now);
    tell("tools", now.toolList.same(before.toolList));
    tell("prompts", now.promptList.same(before.promptList));
    tell(
        "resources",
        now.resourceList.same(before.resourceList) && now.templateList.same(before.templateList));
  }

  private void tell(String list, boolean same) {
    if (!same) {
      subscriptions.forEach(subscription -> subscription.tell(list));
    }
  }

  /** Returns the metrics of requests and of calls of tools. */
  public List<Collector> collectors() {
    return Stream.concat(metrics.collectors().stream(), Stream.of(audit.collector())).toList();
  }

  /** Throws IllegalArgumentException where the endpoint could not offer what the module has. */
  public static void check(Module module) {
    var _ = new Catalog(List.of(module));
  }

  /** Answers one POST of this user's, whose body is given away once. Blocks while a tool works. */
  public void post(Supplier<byte[]> body, String user, Exchange exchange) {
    try {
      JsonNode json = Json.parse(body.get(), exchange.held());
      Attempt attempt = Attempts.of(user, exchange.headers());
      // In each line of the log from here on, until its thread has done it.
      MDC.put("callId", attempt.sending().callId());
      List<Message> messages =
          json instanceof ArrayNode batch ? messages(batch, exchange) : List.of(Message.of(json));
      if ("true".equals(exchange.headers().get(UNDELIVERED))) {
        undelivered(messages, attempt, exchange);
      } else if (json.isArray()) {
        respond(batch(messages, attempt, exchange), exchange);
      } else {
        single(messages.getFirst(), attempt, exchange);
      }
    } catch (RefusedException e) {
      refuse(null, Attempts.headed(user, exchange.headers()), e, exchange);
    } catch (RpcException e) {
      exchange.respond(e.status(), Json.bytes(Message.error(null, e)));
    } catch (AttemptFailedException e) {
      abandon(null, Attempts.headed(user, exchange.headers()), e, exchange);
    }
  }

  /** The error for a request that is refused before it is read. */
  public byte[] refusal(RefusedException why, Exchange.Headers headers) {
    metrics.refused(why);
    return Json.bytes(
        CallErrors.of(null, Attempts.headed("", headers), clock.instant()).refused(why));
  }

  /**
   * Records that the clients of the calls in this notice have no answer. A call under its client's
   * own key needs no record, since the client sends it again under that key. A call that is not
   * valid, or a further sending that comes too late for its key, cannot be recorded: the notice is
   * answered with an error. Such a call does not keep the others of its batch from being recorded.
   */
  private void undelivered(List<Message> messages, Attempt attempt, Exchange exchange)
      throws AttemptFailedException {
    Reply refusal = null;
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i) instanceof Message.Request request && request.isCall()) {
        Attempt told = Attempts.named(request, attempt, i);
        if (!told.key().fromClient()) {
          try {
            record(new Call(ANY_CLIENT, request, told, exchange, clock));
          } catch (RpcException e) {
            refusal = refusal == null ? refusal(null, e) : refusal;
          } catch (TooOldException e) {
            // It goes before other refusals, since no origin can record the notice.
            refusal = new Reply(GONE, CallErrors.of(request, told, clock.instant()).tooOld());
          }
        }
      }
    }
    if (refusal == null) {
      exchange.accepted(204);
    } else {
      // JSON-RPC has errors with status 200, which an edge would take for a record.
      exchange.respond(Math.max(refusal.status(), BAD_REQUEST), Json.bytes(refusal.body()));
    }
  }

  private void record(Call call) throws RpcException, TooOldException, AttemptFailedException {
    try {
      methods.undelivered(call);
    } catch (RpcException | TooOldException | AttemptFailedException e) {
      throw e;
    } catch (Exception e) {
      throw new AttemptFailedException("It could not be recorded", e);
    }
  }

  private void answered(Message.Response response, Attempt attempt, Exchange exchange)
      throws RpcException, AttemptFailedException {
    var client =
        new Negotiation.Client(
            Negotiation.legacy(exchange.headers().get(Negotiation.VERSION_HEADER)), Set.of(), null);
    var request = new Message.Request(JsonNodeFactory.instance.nullNode(), "", Json.object());
    try {
      methods.answered(response, new Call(client, request, attempt, exchange, clock));
    } catch (RpcException | AttemptFailedException e) {
      throw e;
    } catch (Exception e) {
      throw new AttemptFailedException("It could not be recorded", e);
    }
  }

  private void single(Message message, Attempt attempt, Exchange exchange)
      throws RpcException, AttemptFailedException {
    switch (message) {
      case Message.Request request ->
          request(request, Attempts.named(request, attempt, 0), exchange);
      case Message.Malformed malformed -> {
        Reply reply = refusal(malformed.id(), malformed.error());
        exchange.respond(reply.status(), Json.bytes(reply.body()));
      }
      case Message.Response response -> {
        answered(response, attempt, exchange);
        exchange.accepted(202);
      }
      case Message.Notification _ -> {
        Negotiation.legacy(exchange.headers().get(Negotiation.VERSION_HEADER));
        exchange.accepted(202);
      }
    }
  }

  /**
   * Answers one request. The call's place is free before the answer is sent, since a client that
   * has the answer may call again at once.
   */
  private void request(Message.Request request, Attempt attempt, Exchange exchange) {
    Optional<Reply> reply;
    try (Admission.Pass _ = enter(request, attempt)) {
      reply = reply(request, attempt, exchange);
    } catch (RefusedException e) {
      refuse(request, attempt, e, exchange);
      return;
    } catch (AttemptFailedException e) {
      abandon(request, attempt, e, exchange);
      return;
    }
    if (reply.isPresent()) {
      int status = reply.get().status();
      byte[] bytes = Json.bytes(reply.get().body());
      reply = Optional.empty();
      exchange.held().written(bytes.length);
      exchange.respond(status, bytes);
    }
  }

  private Admission.Pass enter(Message.Request request, Attempt attempt) throws RefusedException {
    try {
      return COUNTED.contains(request.method())
          ? admission.enter(attempt.key().user(), attempt.sending().attempt(), 1)
          : Admission.FREE;
    } catch (RefusedException e) {
      audit.called(request, attempt, Transport.REFUSED, null, clock.instant(), 0);
      throw e;
    }
  }

  private static List<Message> messages(ArrayNode batch, Exchange exchange) throws RpcException {
    if (!Negotiation.legacy(exchange.headers().get(Negotiation.VERSION_HEADER)).batches()) {
      throw RpcException.invalidRequest("A POST has one message: this revision has no batches");
    }
    if (batch.isEmpty() || batch.size() > LARGEST_BATCH) {
      throw RpcException.invalidRequest("A batch has 1 to " + LARGEST_BATCH + " messages");
    }
    return batch.valueStream().map(Message::of).toList();
  }

  /** One after the other, so all of them are one at once; each that counts is one of the minute. */
  private ArrayNode batch(List<Message> batch, Attempt attempt, Exchange exchange)
      throws RefusedException, RpcException, AttemptFailedException {
    long calls =
        batch.stream()
            .filter(m -> m instanceof Message.Request r && COUNTED.contains(r.method()))
            .count();
    ArrayNode replies = JsonNodeFactory.instance.arrayNode();
    try (Admission.Pass _ =
        admission.enter(
            attempt.key().user(), attempt.sending().attempt(), Math.max(1, (int) calls))) {
      boolean again = false;
      for (int i = 0; i < batch.size(); i++) {
        switch (batch.get(i)) {
          case Message.Request request -> {
            try {
              inBatch(request, Attempts.named(request, attempt, i), again, exchange)
                  .ifPresent(replies::add);
              again = false;
            } catch (AttemptFailedException e) {
              if (i == 0) {
                throw e;
              }
              if (!mayWait(attempt, e)) {
                throw new AttemptFailedException("A part of a batch failed", e);
              }
              i--; // What was before it was run, so it is not busy any more, but waits.
              again = true;
            }
          }
          case Message.Malformed malformed ->
              replies.add(Message.error(malformed.id(), malformed.error()));
          case Message.Response response -> answered(response, attempt, exchange);
          case Message.Notification _ -> {}
        }
      }
    }
    return replies;
  }

  /** Whether it may be run again where it was busy, which takes about two seconds each time. */
  private boolean mayWait(Attempt attempt, AttemptFailedException e) {
    Instant deadline = attempt.deadline();
    return e.busy()
        && deadline != null
        && clock.instant().isBefore(deadline)
        && !Thread.currentThread().isInterrupted();
  }

  private static void respond(ArrayNode replies, Exchange exchange) {
    if (replies.isEmpty()) {
      exchange.accepted(202);
    } else {
      exchange.respond(200, Json.bytes(replies));
    }
  }

  /**
   * Answers a request of a batch. A request that is run again is not refused for the memory that
   * the batch holds: that may be its own result.
   */
  private Optional<ObjectNode> inBatch(
      Message.Request request, Attempt attempt, boolean again, Exchange exchange)
      throws AttemptFailedException {
    if (request.method().equals("initialize")) {
      RpcException alone = RpcException.invalidRequest("initialize must not be in a batch");
      return Optional.of(Message.error(request.id(), alone));
    }
    try {
      if (!again) {
        checkFurther(request, attempt, exchange);
      }
      return reply(request, attempt, exchange).map(Reply::body);
    } catch (RefusedException e) {
      // Other calls of the batch may have been run.
      metrics.refused(e);
      return Optional.of(CallErrors.of(request, attempt, clock.instant()).refused(e));
    }
  }

  private void checkFurther(Message.Request request, Attempt attempt, Exchange exchange)
      throws RefusedException {
    try {
      exchange.held().checkFurther();
    } catch (RefusedException e) {
      audit.called(request, attempt, Transport.REFUSED, null, clock.instant(), 0);
      throw e;
    }
  }

  /** The answer; empty where the exchange is kept open instead. */
  private Optional<Reply> reply(Message.Request request, Attempt attempt, Exchange exchange)
      throws RefusedException, AttemptFailedException {
    long began = System.nanoTime();
    Transport transport = Transport.FAILED;
    ObjectNode answer = null;
    Span span = CallSpan.begin(traces, request, attempt, exchange.headers());
    try {
      Optional<Reply> reply = uncounted(request, attempt, exchange);
      if (reply.isPresent()) {
        answer = reply.get().body();
        metrics.answered(answer.has("error"), System.nanoTime() - began, attempt);
      }
      transport = exchange.closed() ? Transport.LEFT : Transport.ANSWERED;
      return reply;
    } catch (RefusedException e) {
      transport = Transport.REFUSED;
      throw e;
    } catch (AttemptFailedException e) {
      transport = e.busy() ? Transport.REFUSED : Transport.FAILED;
      throw e;
    } finally {
      long took = System.nanoTime() - began;
      audit.called(request, attempt, transport, answer, clock.instant(), took);
      CallSpan.end(span, transport, answer);
    }
  }

  private Optional<Reply> uncounted(Message.Request request, Attempt attempt, Exchange exchange)
      throws RefusedException, AttemptFailedException {
    try {
      Negotiation.Client client = Negotiation.of(request, exchange.headers());
      if (client.version().modern() && request.method().equals("subscriptions/listen")) {
        listen(request, attempt, exchange);
        return Optional.empty();
      }
      exchange.admitted();
      Call call = new Call(client, request, attempt, exchange, clock);
      ObjectNode result = methods.result(call);
      call.pay(result); // What is no tool's has not been paid for.
      return Optional.of(new Reply(200, Message.result(request.id(), result)));
    } catch (RpcException e) {
      return Optional.of(refusal(request.id(), e));
    } catch (TooOldException e) {
      return Optional.of(new Reply(200, CallErrors.of(request, attempt, clock.instant()).tooOld()));
    } catch (RefusedException | AttemptFailedException e) {
      throw e;
    } catch (InterruptedException e) {
      throw new AttemptFailedException("The origin is closing", e);
    } catch (Exception e) {
      return Optional.of(refusal(request.id(), mistake(request, attempt, e)));
    }
  }

  /**
   * Opens a stream that tells of changes to the lists and resources that the client has named,
   * while what is offered may change. At its end, with this origin's, the client asks again. Until
   * then it is one at once.
   */
  private void listen(Message.Request request, Attempt attempt, Exchange exchange)
      throws RefusedException {
    Admission.Pass pass = admission.enter(attempt.key().user(), attempt.sending().attempt(), 0);
    List<Runnable> watches = new ArrayList<>();
    try {
      open(request, attempt.key().user(), watches, pass, exchange);
    } catch (Throwable e) {
      end(watches, pass); // Nobody else does, since no stream is held open.
      throw e;
    }
  }

  private void open(
      Message.Request request,
      String user,
      List<Runnable> watches,
      Admission.Pass pass,
      Exchange exchange) {
    exchange.admitted();
    Set<String> lists = new HashSet<>();
    JsonNode id = request.id();
    ObjectNode acknowledged = subscribed(id, Json.object());
    ObjectNode told = acknowledged.putObject("notifications");
    JsonNode asked = request.params().path("notifications");
    for (String list : List.of("tools", "prompts", "resources")) {
      String filter = list + "ListChanged";
      if (methods.catalog().changes() && asked.path(filter).asBoolean(false)) {
        told.put(filter, true);
        lists.add(list);
      }
    }
    watch(request, user, told, watches, exchange);
    exchange.notify(
        Json.bytes(Message.notification("notifications/subscriptions/acknowledged", acknowledged)));
    Subscription subscription = new Subscription(id, lists, exchange);
    ObjectNode end = subscribed(id, Json.object().put("resultType", "complete"));
    byte[] farewell = Json.bytes(Message.result(id, end));
    subscriptions.add(subscription);
    exchange.hold(
        () -> farewell,
        () -> {
          subscriptions.remove(subscription);
          end(watches, pass);
        });
  }

  /**
   * Ends the watches of a stream, then its pass. Watches may block, and the end of a stream is told
   * on the event loop, so they end on a thread of their own. The user's pass is held until then: a
   * user who opens and leaves streams has no more of these threads than the user may have streams.
   */
  private static void end(List<Runnable> watches, Admission.Pass pass) {
    if (watches.isEmpty()) {
      pass.close();
      return;
    }
    Thread.ofVirtual()
        .name("unsubscribe")
        .start(
            () -> {
              try (pass) {
                watches.forEach(Runnable::run);
              }
            });
  }

  /**
   * Watches the resources that the client has named, as far as their URIs have room. Adds what ends
   * each watch, and tells which resources are watched.
   */
  private void watch(
      Message.Request request,
      String user,
      ObjectNode told,
      List<Runnable> watches,
      Exchange exchange) {
    JsonNode id = request.id();
    JsonNode asked = request.params().path("notifications").path("resourceSubscriptions");
    List<String> uris =
        asked.valueStream().limit(MOST_WATCHED).map(uri -> uri.asString("")).distinct().toList();
    int room = MOST_KEPT;
    for (String uri : uris) {
      room -= uri.length();
      if (room < 0) {
        break;
      }
      methods
          .watch(uri, user, changed -> tellOf(changed, id, exchange))
          .ifPresent(
              end -> {
                watches.add(end);
                told.withArrayProperty("resourceSubscriptions").add(uri);
              });
    }
  }

  private static void tellOf(String uri, JsonNode id, Exchange exchange) {
    ObjectNode params = subscribed(id, Json.object().put("uri", uri));
    exchange.notify(Json.bytes(Message.notification("notifications/resources/updated", params)));
  }

  private static ObjectNode subscribed(JsonNode id, ObjectNode params) {
    params.putObject("_meta").set(SUBSCRIPTION_ID, id);
    return params;
  }

  private void refuse(
      Message.@Nullable Request request, Attempt attempt, RefusedException why, Exchange exchange) {
    metrics.refused(why);
    ObjectNode error = CallErrors.of(request, attempt, clock.instant()).refused(why);
    exchange.refuse(why.status(), why.headers(), Json.bytes(error));
  }

  private static Reply refusal(@Nullable JsonNode id, RpcException error) {
    return new Reply(error.status(), Message.error(id, error));
  }

  /** A mistake in a module: the client learns only where to look it up. */
  private static RpcException mistake(Message.Request request, Attempt attempt, Exception e) {
    String correlation = Attempts.minted();
    LOG.error(
        "{} failed, key {}, attempt {}, correlation id {}",
        RpcException.quoted(request.method()),
        attempt.key().id(),
        attempt.number(),
        correlation,
        e);
    ObjectNode data = Json.object().put("correlationId", correlation);
    String message =
        "The server made a mistake; its log says more under this correlation id: " + correlation;
    return new RpcException(RpcException.INTERNAL_ERROR, 200, message, data);
  }

  /** Not the call's fault: the edge asks another origin. */
  private void abandon(
      Message.@Nullable Request request,
      Attempt attempt,
      AttemptFailedException e,
      Exchange exchange) {
    if (e.busy()) {
      LOG.info("An attempt was not run: {}", String.valueOf(e.getCause()));
      refuse(request, attempt, RefusedException.busy(), exchange);
      return;
    }
    LOG.warn("An attempt failed", e);
    metrics.failed();
    exchange.abandon(Json.bytes(CallErrors.of(request, attempt, clock.instant()).failed()));
  }

  /** How much each user may call, in this process. */
  @FunctionalInterface
  public interface Admission {
    Pass FREE = () -> {};

    /** A call that has been let in, until it is closed. */
    @FunctionalInterface
    interface Pass extends AutoCloseable {
      @Override
      void close();
    }

    static Admission unlimited() {
      return (user, attempt, calls) -> FREE;
    }

    /**
     * Lets a request in, which is one at once until its pass is closed, and so many of the minute's
     * calls: 0 for a stream on which nothing is run. The edge's first attempts may be refused;
     * later ones are counted and never refused: the call was let in already, and an origin has
     * failed it. Blocks for less than a second. RefusedException: too many calls.
     */
    Pass enter(String user, int attempt, int calls) throws RefusedException;
  }
}
