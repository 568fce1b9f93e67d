package com.mcpist.e2e.bench;

import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One who calls at a steady rate, one by one or in bursts, on one connection from one address. */
final class CrowdUser {
  static final int REFUSED = 429;

  private final int port;
  private final String address;
  private final byte[] request;
  private final List<Long> nanos = new ArrayList<>();
  private final Map<Integer, Integer> statuses = new TreeMap<>();

  CrowdUser(int port, String address, byte[] request) {
    this.port = port;
    this.address = address;
    this.request = request;
  }

  /**
   * Calls until the time is over, also when calls that fell due are not made yet: refusals are
   * delayed. What it measures in the beginning does not count.
   *
   * @param burst how many calls fall due at the same time
   * @param first after which time the first call is made
   */
  void run(double perSecond, int burst, Duration first, Duration warmUp, Duration counted)
      throws IOException {
    long begin = System.nanoTime();
    long end = begin + warmUp.plus(counted).toNanos();
    long pause = Math.round(TimeUnit.SECONDS.toNanos(1) * burst / perSecond);
    try (RawHttp connection = RawHttp.connect(port, InetAddress.ofLiteral(address))) {
      for (long due = begin + first.toNanos(); due < end && System.nanoTime() < end; due += pause) {
        LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
        for (int i = 0; i < burst && System.nanoTime() < end; i++) {
          call(connection, due, System.nanoTime() >= begin + warmUp.toNanos());
        }
      }
    }
  }

  private void call(RawHttp connection, long due, boolean counts) throws IOException {
    HttpMessage response = connection.send(request).read();
    // A refusal of a request that was read whole is its JSON-RPC answer.
    int status = response.text().contains("\"error\":") ? REFUSED : response.status();
    if (counts) {
      nanos.add(System.nanoTime() - due); // Also what it had to wait before it could send.
      statuses.merge(status, 1, Integer::sum);
    }
  }

  List<Long> nanos() {
    return nanos;
  }

  Map<Integer, Integer> statuses() {
    return statuses;
  }

  static byte[] request(String token, String query) {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"memory_search\",\"arguments\":{\"query\":\"%s\"}}}"
            .formatted(query);
    String head =
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2025-11-25\r\n"
            + "Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
                .formatted(token, body.length());
    return (head + body).getBytes(StandardCharsets.US_ASCII);
  }
}
