package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.AotCaches;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.testkit.Issuer;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jose4j.jwk.PublicJsonWebKey;

/**
 * Many users who each call twice a second from an address of their own, first by themselves and
 * then beside one who calls without measure. The clients have the same cores as all else: how much
 * of the difference is theirs, a run tells in which the one calls a server that only says no. Exit
 * code 1 when their 99th percentile grows by more than half, when one of them is turned away, or
 * when the one is not.
 */
public final class CrowdBench {
  private static final Duration WARM_UP = Duration.ofSeconds(8);
  private static final double EACH_PER_SECOND = 2;
  private static final int CONNECTIONS_OF_THE_ONE = 10;
  private static final double MOST_GROWTH = 1.5;
  private static final int TOO_MANY = 429;

  private CrowdBench() {}

  /** Takes the number of users, the seconds of each half, and the calls a second of the one. */
  public static void main(String[] args) throws Exception {
    int users = Integer.parseInt(args[0]);
    Duration half = Duration.ofSeconds(Long.parseLong(args[1]));
    double rate = Double.parseDouble(args[2]);
    boolean good;
    try (Issuer issuer = Issuer.start()) {
      good = measure(issuer, users, half, rate);
    }
    System.exit(good ? 0 : 1);
  }

  private static boolean measure(Issuer issuer, int users, Duration half, double rate)
      throws Exception {
    PublicJsonWebKey key = issuer.key("one", "ES256");
    String auth =
        "auth:\n  jwt:\n    issuer: %s\n    jwks: %s\n".formatted(Issuer.NAME, issuer.jwks());
    try (Pair pair = Pair.up(Map.of(), Pair.FILE + auth)) {
      AotCaches.await();
      List<CrowdUser> alone = crowd(pair.port(), key, users);
      run(alone, List.of(), rate, half);
      List<CrowdUser> beside = crowd(pair.port(), key, users);
      List<CrowdUser> one = theOne(pair.port(), key);
      run(beside, one, rate, half);
      printElsewhere(pair.port(), key, users, rate, half);
      List<CrowdUser> again = crowd(pair.port(), key, users);
      run(again, List.of(), rate, half);
      System.out.printf("afterwards, by themselves again: p99 %.2f ms%n", percentile(again));
      // A machine that is warm is the fairer comparison than one that was not yet.
      List<CrowdUser> quieter = percentile(again) < percentile(alone) ? again : alone;
      return report(quieter, beside, one);
    }
  }

  private static void printElsewhere(
      int port, PublicJsonWebKey key, int users, double rate, Duration half)
      throws IOException, InterruptedException {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer refusing = HttpServer.create(any, 0);
    refusing.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(TOO_MANY, -1);
          exchange.close();
        });
    refusing.start();
    try {
      List<CrowdUser> beside = crowd(port, key, users);
      run(beside, theOne(refusing.getAddress().getPort(), key), rate, half);
      System.out.printf(
          "while the one calls a server that only says no: p99 %.2f ms%n", percentile(beside));
    } finally {
      refusing.stop(0);
    }
  }

  private static String token(int port, PublicJsonWebKey key, String user) {
    String resource = "http://localhost:" + port + "/mcp";
    return Issuer.token(key, "ES256", Issuer.claims(resource, user));
  }

  private static List<CrowdUser> crowd(int port, PublicJsonWebKey key, int users) {
    return IntStream.range(0, users)
        .mapToObj(
            i ->
                new CrowdUser(
                    port,
                    "127.0.%d.%d".formatted(1 + i / 250, 1 + i % 250),
                    CrowdUser.request(token(port, key, "user-" + i))))
        .toList();
  }

  private static List<CrowdUser> theOne(int port, PublicJsonWebKey key) {
    byte[] request = CrowdUser.request(token(port, key, "the-one"));
    return IntStream.range(0, CONNECTIONS_OF_THE_ONE)
        .mapToObj(i -> new CrowdUser(port, "127.0.200.1", request))
        .toList();
  }

  private static void run(List<CrowdUser> crowd, List<CrowdUser> one, double rate, Duration counted)
      throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    Duration apart = Duration.ofSeconds(1).dividedBy(Math.round(EACH_PER_SECOND * crowd.size()));
    for (int i = 0; i < crowd.size(); i++) {
      Duration first = apart.multipliedBy(i);
      threads.add(start(crowd.get(i), EACH_PER_SECOND, first, counted));
    }
    Duration ofTheOne = Duration.ofNanos(Math.round(1e9 / rate));
    for (int i = 0; i < one.size(); i++) {
      Duration first = ofTheOne.multipliedBy(i);
      threads.add(start(one.get(i), rate / one.size(), first, counted));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static Thread start(CrowdUser user, double rate, Duration first, Duration counted) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                user.run(rate, first, WARM_UP, counted);
              } catch (Exception e) {
                System.out.println("a user's connection: " + e);
                user.statuses().merge(0, 1, Integer::sum);
              }
            });
  }

  private static boolean report(
      List<CrowdUser> alone, List<CrowdUser> beside, List<CrowdUser> one) {
    double before = percentile(alone);
    double with = percentile(beside);
    System.out.printf(
        "%d users at %.0f calls a second: p99 %.2f ms by themselves, %.2f ms beside the one, %.2f"
            + " times%n",
        alone.size(), EACH_PER_SECOND, before, with, with / before);
    System.out.println("their statuses: " + statuses(alone) + ", " + statuses(beside));
    Map<Integer, Integer> ones = statuses(one);
    System.out.println("the one's statuses: " + ones);
    boolean served = statuses(beside).keySet().equals(statuses(alone).keySet());
    return with <= MOST_GROWTH * before
        && served
        && statuses(beside).containsKey(200)
        && statuses(beside).size() == 1
        && ones.getOrDefault(TOO_MANY, 0) > ones.getOrDefault(200, 0);
  }

  private static double percentile(List<CrowdUser> users) {
    List<Long> all = users.stream().flatMap(u -> u.nanos().stream()).sorted().toList();
    return all.get(all.size() * 99 / 100) / 1e6;
  }

  private static Map<Integer, Integer> statuses(List<CrowdUser> users) {
    Map<Integer, Integer> all = new TreeMap<>();
    users.forEach(user -> user.statuses().forEach((s, n) -> all.merge(s, n, Integer::sum)));
    return all;
  }
}
