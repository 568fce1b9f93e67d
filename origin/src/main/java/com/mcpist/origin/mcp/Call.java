package com.mcpist.origin.mcp;

import com.mcpist.module.Invocation;
import com.mcpist.module.Question;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolRunner.AttemptFailedException;
import com.mcpist.origin.auth.RefusedException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One request on its way through a module. Used by one thread. */
public final class Call implements Invocation {
  private final Negotiation.Client client;
  private final Message.Request request;
  private final Attempt attempt;
  private final Exchange exchange;
  private final InstantSource clock;
  private ObjectNode arguments = Json.object();
  private Question.Answers answers;
  private boolean paid;
  private boolean charged;
  private double lastProgress = Double.NEGATIVE_INFINITY;

  Call(
      Negotiation.Client client,
      Message.Request request,
      Attempt attempt,
      Exchange exchange,
      InstantSource clock) {
    this.client = client;
    this.request = request;
    this.attempt = attempt;
    this.exchange = exchange;
    this.clock = clock;
    this.answers = new Question.Answers(Json.object(), Json.object(), client.answerable());
  }

  Negotiation.Client client() {
    return client;
  }

  Exchange exchange() {
    return exchange;
  }

  Message.Request request() {
    return request;
  }

  /**
   * Hands over the charge for a mounted server's answer, of which the call's result is made. The
   * call closes it when its own answer has been sent. Called on the call's thread.
   */
  public static void charge(Invocation invocation, Budget.Charge charge) {
    switch (invocation) {
      case Call call -> {
        call.exchange.held().own(charge);
        call.charged = true;
      }
      case ToolCall call -> charge(call.invocation(), charge);
      default -> charge.close(); // Of a program without a budget.
    }
  }

  /** Makes room for a result, once. Throws RefusedException: there is none, and nothing is done. */
  void pay(ObjectNode result) throws RefusedException, InterruptedException {
    try {
      makeRoom(result);
    } catch (RefusedException e) {
      if (charged) {
        exchange.held().drop();
        charged = false;
      }
      throw e;
    }
  }

  private void makeRoom(ObjectNode result) throws RefusedException, InterruptedException {
    if (paid) {
      return;
    }
    if (charged) {
      exchange.held().share();
    } else {
      exchange.held().result(result);
    }
    paid = true;
  }

  /**
   * For a result that an earlier attempt left, or that is of something outside. Throws
   * AttemptFailedException where there is no room, and it is there for the next attempt.
   *
   * @return false where the result cannot be told: it is one of a batch of large ones
   */
  boolean payLate(ObjectNode result, boolean outside)
      throws AttemptFailedException, InterruptedException {
    try {
      makeRoom(result);
    } catch (RefusedException e) {
      if (!outside) {
        throw AttemptFailedException.busy(e); // Not refused: it is done.
      }
      if (charged && exchange.held().isFull()) {
        exchange.held().drop();
        return false;
      }
      if (!charged) {
        exchange.held().keep(result);
      }
      paid = true;
    }
    return true;
  }

  /** The same call with what it is about, once that is known to be good. */
  Call with(ObjectNode givenArguments, Question.Answers givenAnswers) {
    paid = false; // Of a round before, where there was one.
    charged = false;
    arguments = givenArguments;
    answers = givenAnswers;
    return this;
  }

  /** Another call of the same request, without arguments. */
  Call as(Attempt other) {
    return new Call(client, request, other, exchange, clock);
  }

  @Override
  public Attempt attempt() {
    return attempt;
  }

  @Override
  public ObjectNode arguments() {
    return arguments;
  }

  @Override
  public Question.Answers answers() {
    return answers;
  }

  @Override
  public void progress(double progress, double total, String message) {
    JsonNode token = request.meta().get("progressToken");
    if (token == null || !Message.isId(token) || progress <= lastProgress) {
      return;
    }
    lastProgress = progress;
    ObjectNode params = Json.object();
    params.set("progressToken", token);
    params.put("progress", progress);
    if (total > 0) {
      params.put("total", total);
    }
    if (!message.isEmpty() && client.version() != ProtocolVersion.V2025_03_26) {
      params.put("message", message);
    }
    exchange.notify(Json.bytes(Message.notification("notifications/progress", params)));
  }

  @Override
  public void log(Invocation.LogLevel level, String logger, JsonNode data) {
    if (!client.hears(level)) {
      return;
    }
    ObjectNode params = Json.object();
    params.put("level", Negotiation.wire(level)).put("logger", logger).set("data", data);
    exchange.notify(Json.bytes(Message.notification("notifications/message", params)));
  }

  @Override
  public void started() {
    exchange.started();
  }

  @Override
  public Optional<Duration> timeLeft() {
    return Optional.ofNullable(attempt.deadline())
        .map(deadline -> Duration.between(clock.instant(), deadline));
  }

  @Override
  public boolean cancelled() {
    return timeLeft().filter(Duration::isNegative).isPresent()
        || (client.version().modern() && exchange.closed());
  }
}
