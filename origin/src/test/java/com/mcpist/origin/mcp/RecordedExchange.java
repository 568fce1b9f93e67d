package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Keeps what it is told. */
final class RecordedExchange implements Exchange {
  final List<String> ends = new ArrayList<>();
  final List<byte[]> messages = new ArrayList<>();
  private final Headers headers;
  private final Budget.Hold held;
  int status;

  /** The end of the stream that is held open, which its owner tells of. */
  Runnable ended = () -> {};

  RecordedExchange(Headers headers) {
    this(headers, Budget.ofHeap(0));
  }

  RecordedExchange(Headers headers, Budget budget) {
    this.headers = headers;
    try {
      this.held = budget.hold("fuzz", List.of(), 0);
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Headers headers() {
    return headers;
  }

  @Override
  public Budget.Hold held() {
    return held;
  }

  @Override
  public void admitted() {}

  @Override
  public void session(String id) {}

  @Override
  public boolean streams() {
    return false;
  }

  @Override
  public void notify(byte[] message) {
    messages.add(message);
  }

  @Override
  public void respond(int given, byte[] message) {
    status = given;
    ends.add("respond");
    messages.add(message);
  }

  @Override
  public void refuse(int given, Map<String, String> headers, byte[] message) {
    status = given;
    ends.add("refuse");
    messages.add(message);
  }

  @Override
  public void accepted(int given) {
    status = given;
    ends.add("accepted");
  }

  @Override
  public void hold(Supplier<byte[]> farewell, Runnable whenEnded) {
    ended = whenEnded;
    status = 200;
    ends.add("hold");
    messages.add(farewell.get());
  }

  @Override
  public void abandon(byte[] message) {
    status = 503;
    ends.add("abandon");
    messages.add(message);
  }

  @Override
  public boolean closed() {
    return false;
  }
}
