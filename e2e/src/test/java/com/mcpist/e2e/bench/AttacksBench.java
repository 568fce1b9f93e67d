package com.mcpist.e2e.bench;

import com.mcpist.e2e.bench.Crowd.Calls;
import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Status;
import com.mcpist.e2e.security.CostlyCall;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jose4j.jwk.PublicJsonWebKey;

/**
 * Users who each call twice a second, by themselves and beside one who sends costly calls of each
 * kind in turn. Exit code 1 when a call of the users fails, when their 99th percentile more than
 * doubles, or when a process of the pair ends.
 */
public final class AttacksBench {
  private static final Duration FIRST_WARM_UP = Duration.ofSeconds(30);
  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final double MOST_GROWTH = 2;
  private static final Set<Integer> OK = Set.of(200);

  private AttacksBench() {}

  /** Takes the number of users and the seconds of each part. */
  public static void main(String[] args) throws Exception {
    int users = Integer.parseInt(args[0]);
    Duration counted = Duration.ofSeconds(Long.parseLong(args[1]));
    boolean good = true;
    ClassArchives.make();
    try (Issuer issuer = Issuer.start()) {
      PublicJsonWebKey key = issuer.key("one", "ES256");
      String auth =
          "auth:\n  jwt:\n    issuer: %s\n    jwks: %s\n".formatted(Issuer.NAME, issuer.jwks());
      try (Pair pair = Pair.up(Map.of(), Pair.FILE + auth)) {
        Crowd crowd = new Crowd(pair.port(), key, users);
        crowd.call(Optional.empty(), FIRST_WARM_UP, Duration.ZERO);
        List<Long> before = processes(pair);
        for (CostlyCall call : CostlyCall.values()) {
          Calls alone = crowd.call(Optional.empty(), WARM_UP, counted);
          Calls beside = beside(crowd, call, counted);
          double growth = beside.percentile(99) / alone.percentile(99);
          var statuses = Calls.statuses(beside.users());
          System.out.printf(
              "%-32s p99 %6.2f ms, alone %6.2f ms: %.2f times; users %s%n",
              call, beside.percentile(99), alone.percentile(99), growth, statuses);
          good &= growth <= MOST_GROWTH && statuses.keySet().equals(OK);
        }
        System.out.println(pair.run("status").all());
        good &= processes(pair).equals(before);
      }
    }
    System.exit(good ? 0 : 1);
  }

  private static List<Long> processes(Pair pair) throws IOException {
    return pair.awaitSettled().origins().stream().map(Status.Origin::runningPid).toList();
  }

  private static Calls beside(Crowd crowd, CostlyCall call, Duration counted)
      throws InterruptedException {
    byte[] request =
        call.request(crowd.token("attacker-" + call.name())).getBytes(StandardCharsets.UTF_8);
    List<Thread> attackers = new ArrayList<>();
    for (int i = 0; i < call.connections(); i++) {
      attackers.add(Thread.ofVirtual().start(() -> attack(crowd.port(), request)));
    }
    Calls calls = crowd.call(Optional.empty(), WARM_UP, counted);
    attackers.forEach(Thread::interrupt);
    for (Thread attacker : attackers) {
      attacker.join();
    }
    return calls;
  }

  private static void attack(int port, byte[] request) {
    while (!Thread.currentThread().isInterrupted()) {
      try (RawHttp http = RawHttp.connect(port)) {
        http.send(request).read();
      } catch (IOException _) {
        // Closed on it, as may be.
      }
    }
  }
}
