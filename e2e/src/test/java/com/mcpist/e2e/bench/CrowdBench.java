package com.mcpist.e2e.bench;

import static com.mcpist.e2e.bench.Crowd.Calls.statuses;

import com.mcpist.e2e.bench.Crowd.Calls;
import com.mcpist.e2e.bench.Crowd.TheOne;
import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Issuer;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwk.PublicJsonWebKey;

/**
 * Many users who each call twice a second from an address of their own, by themselves and beside
 * one who calls without measure, evenly or with all the calls of a second at once. These are
 * measured several times in turn, since a machine is not as quick in one minute as in another, and
 * compared by all the calls of each. The clients have the same cores as all else: how much of the
 * difference is theirs, two more parts tell, in which the one calls a server that only says no.
 * Exit code 1 when the users' 99th percentile grows by more than half, when one of them is turned
 * away, or when the one is not.
 */
public final class CrowdBench {
  private static final Duration FIRST_WARM_UP = Duration.ofSeconds(60);
  private static final Duration WARM_UP = Duration.ofSeconds(4);
  private static final double MOST_GROWTH = 1.5;
  private static final int OK = 200;
  private static final int TOO_MANY = 429;

  private final Crowd crowd;
  private final Duration counted;
  private final List<Part> parts;

  /** What is measured again and again, and all calls of it so far. */
  private record Part(String name, Optional<TheOne> one, boolean judged, Calls calls) {
    Part(String name, Optional<TheOne> one, boolean judged) {
      this(name, one, judged, new Calls());
    }
  }

  private CrowdBench(Crowd crowd, Duration counted, double rate, int refusing) {
    this.crowd = crowd;
    this.counted = counted;
    int burst = Math.toIntExact(Math.round(rate / Crowd.CONNECTIONS_OF_THE_ONE));
    parts =
        List.of(
            new Part("by themselves", Optional.empty(), false),
            new Part("one, evenly", Optional.of(new TheOne(crowd.port(), rate, 1)), true),
            new Part("one, in bursts", Optional.of(new TheOne(crowd.port(), rate, burst)), true),
            new Part("elsewhere, evenly", Optional.of(new TheOne(refusing, rate, 1)), false),
            new Part(
                "elsewhere, in bursts", Optional.of(new TheOne(refusing, rate, burst)), false));
  }

  /**
   * Takes the number of users, the seconds of each part, the calls a second of the one, and how
   * often each part is measured.
   */
  public static void main(String[] args) throws Exception {
    int users = Integer.parseInt(args[0]);
    Duration counted = Duration.ofSeconds(Long.parseLong(args[1]));
    double rate = Double.parseDouble(args[2]);
    HttpServer refusing = refusing();
    boolean good;
    ClassArchives.make();
    try (Issuer issuer = Issuer.start()) {
      PublicJsonWebKey key = issuer.key("one", "ES256");
      String auth =
          "auth:\n  jwt:\n    issuer: %s\n    jwks: %s\n".formatted(Issuer.NAME, issuer.jwks());
      try (Pair pair = Pair.up(Map.of(), Pair.FILE + auth)) {
        Crowd crowd = new Crowd(pair.port(), key, users);
        CrowdBench bench = new CrowdBench(crowd, counted, rate, refusing.getAddress().getPort());
        bench.measure(Integer.parseInt(args[3]));
        good = bench.report();
      }
    }
    System.exit(good ? 0 : 1);
  }

  private static HttpServer refusing() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(any, 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(TOO_MANY, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  private void measure(int rounds) throws InterruptedException {
    crowd.call(parts.get(1).one, FIRST_WARM_UP, Duration.ZERO);
    for (int round = 0; round < rounds; round++) {
      // There and back: what grows quicker or slower with time falls on all alike.
      for (Part part : round % 2 == 0 ? parts : parts.reversed()) {
        Calls calls = crowd.call(part.one, WARM_UP, counted);
        print(part.name, calls);
        part.calls.add(calls);
      }
    }
  }

  private static void print(String name, Calls calls) {
    System.out.printf(
        "%-21s p50 %5.2f ms, p99 %5.2f ms%n",
        name + ":", calls.percentile(50), calls.percentile(99));
  }

  private boolean report() {
    double alone = parts.getFirst().calls.percentile(99);
    boolean good = true;
    System.out.println("all rounds:");
    for (Part part : parts) {
      double p99 = part.calls.percentile(99);
      print(part.name, part.calls);
      Map<Integer, Integer> users = statuses(part.calls.users());
      Map<Integer, Integer> one = statuses(part.calls.one());
      System.out.printf("  p99 %.2f times; users %s, the one %s%n", p99 / alone, users, one);
      good &= users.keySet().equals(Set.of(OK));
      good &= !part.judged || (p99 <= MOST_GROWTH * alone && refused(one));
    }
    return good;
  }

  private static boolean refused(Map<Integer, Integer> statuses) {
    return statuses.getOrDefault(TOO_MANY, 0) > statuses.getOrDefault(OK, 0);
  }
}
