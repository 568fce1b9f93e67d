package com.mcpist.e2e.bench;

import static com.mcpist.e2e.bench.Crowd.Calls.statuses;

import com.mcpist.e2e.bench.Crowd.Calls;
import com.mcpist.e2e.bench.Crowd.TheOne;
import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Issuer;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
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
 * difference is theirs, two more parts tell, in which the one calls a server that only says no. In
 * the last part the one makes the dearest searches, as many as its plan allows. PostgreSQL has one
 * core. Exit code 1 when the users' 99th percentile grows by more than half, when one of them is
 * turned away, or when one who calls without measure is not.
 */
public final class CrowdBench {
  private static final Duration FIRST_WARM_UP = Duration.ofSeconds(60);
  private static final Duration WARM_UP = Duration.ofSeconds(4);
  private static final double MOST_GROWTH = 1.5;
  private static final double CALLS_OF_THE_PLAN = 5;
  private static final String DEAR = "dear";
  private static final int LONG_TEXTS = 1000;

  /** Each is in all of the texts, and the phrases, which none has, are looked for in the texts. */
  private static final String WORDS =
      "amber basalt copper diorite ebony flint garnet hazel indigo jasper";

  private static final String DEAR_QUERY =
      "\\\"amber jasper\\\" \\\"garnet flint\\\" basalt copper diorite ebony hazel indigo kelp"
          + " linen maple";
  private static final int OK = 200;

  private final Crowd crowd;
  private final Duration counted;
  private final List<Part> parts;

  /** What is measured again and again, and all calls of it so far. */
  private record Part(String name, Optional<TheOne> one, Wanted wanted, Calls calls) {
    Part(String name, Optional<TheOne> one, Wanted wanted) {
      this(name, one, wanted, new Calls());
    }
  }

  /** What the bench wants of a part: no more than to compare, that it is quick, and a refusal. */
  private enum Wanted {
    NOTHING,
    SPEED,
    REFUSAL
  }

  private CrowdBench(Crowd crowd, Duration counted, double rate, int refusing) {
    this.crowd = crowd;
    this.counted = counted;
    int burst = Math.toIntExact(Math.round(rate / Crowd.CONNECTIONS_OF_THE_ONE));
    parts =
        List.of(
            new Part("by themselves", Optional.empty(), Wanted.NOTHING),
            one("one, evenly", new TheOne(crowd.port(), rate, 1), Wanted.REFUSAL),
            one("one, in bursts", new TheOne(crowd.port(), rate, burst), Wanted.REFUSAL),
            one("elsewhere, evenly", new TheOne(refusing, rate, 1), Wanted.NOTHING),
            one("elsewhere, in bursts", new TheOne(refusing, rate, burst), Wanted.NOTHING),
            one(
                "one, dear searches",
                new TheOne(crowd.port(), CALLS_OF_THE_PLAN, 1, DEAR, DEAR_QUERY),
                Wanted.SPEED));
  }

  private static Part one(String name, TheOne one, Wanted wanted) {
    return new Part(name, Optional.of(one), wanted);
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
        giveOneCore(pair);
        storeLongTexts(pair);
        Crowd crowd = new Crowd(pair.port(), key, users);
        CrowdBench bench = new CrowdBench(crowd, counted, rate, refusing.getAddress().getPort());
        bench.measure(Integer.parseInt(args[3]));
        good = bench.report();
      }
    }
    System.exit(good ? 0 : 1);
  }

  private static void giveOneCore(Pair pair) throws IOException, InterruptedException {
    for (ProcessHandle process : pair.processes()) {
      if (process.info().command().orElse("").endsWith("/postgres")) {
        new ProcessBuilder("taskset", "-acp", "0", "" + process.pid()).start().waitFor();
      }
    }
  }

  private static void storeLongTexts(Pair pair) throws IOException {
    String text = String.join(" ", Collections.nCopies(350, WORDS));
    Path file = pair.home().resolve("long.jsonl");
    try (var lines = Files.newBufferedWriter(file)) {
      for (int i = 0; i < LONG_TEXTS; i++) {
        lines.write("{\"title\":\"Long %d\",\"text\":\"%s №%d\"}%n".formatted(i, text, i));
      }
    }
    Command.Result imported = pair.run("users", "import", DEAR, file.toString());
    if (imported.code() != 0) {
      throw new IllegalStateException(imported.all());
    }
  }

  private static HttpServer refusing() throws IOException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(any, 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(CrowdUser.REFUSED, -1);
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
      good &= part.wanted == Wanted.NOTHING || p99 <= MOST_GROWTH * alone;
      good &= part.wanted != Wanted.REFUSAL || refused(one);
    }
    return good;
  }

  private static boolean refused(Map<Integer, Integer> statuses) {
    return statuses.getOrDefault(CrowdUser.REFUSED, 0) > statuses.getOrDefault(OK, 0);
  }
}
