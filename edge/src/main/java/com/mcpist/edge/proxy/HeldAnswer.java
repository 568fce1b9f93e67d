package com.mcpist.edge.proxy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;

/**
 * Holds an answer until it is whole. One that is longer than the edge holds, or than it can hold
 * now, is passed on as it comes; when that breaks off, so does the client's.
 */
final class HeldAnswer implements Receiver {
  private static final int MAX_BYTES = 8 * 1024 * 1024;

  private final Call call;
  private final Attempt attempt;
  private final HttpClientResponse head;
  private final BodyBudget budget;
  private Buffer body = Buffer.buffer();
  private int pieces;

  HeldAnswer(Call call, Attempt attempt, HttpClientResponse head, BodyBudget budget) {
    this.call = call;
    this.attempt = attempt;
    this.head = head;
    this.budget = budget;
  }

  @Override
  public void take(Buffer piece) {
    int length = body.length() + piece.length();
    if (length > MAX_BYTES || !budget.take(piece.length(), length)) {
      Buffer held = body;
      call.tooLongToHold(attempt, head, held.copy().appendBuffer(piece));
      return;
    }
    pieces++;
    body = pieces == 1 ? piece : (pieces == 2 ? body.copy() : body).appendBuffer(piece);
  }

  @Override
  public boolean whole() {
    int held = body.length();
    call.answer(attempt, head, body).onComplete(sent -> budget.give(held));
    return true;
  }

  @Override
  public void dropped() {
    budget.give(body.length());
    body = Buffer.buffer();
  }
}
