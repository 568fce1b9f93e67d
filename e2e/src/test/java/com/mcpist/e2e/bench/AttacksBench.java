package com.mcpist.e2e.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.mcpist.e2e.bench.Crowd.Calls;
import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.Status;
import com.mcpist.e2e.security.CostlyCall;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
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

  /**
   * Takes the number of users, the seconds of each part, and the names of the costly calls, all of
   * them without one; or "attack", a port and a name, and is who sends it.
   */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("attack")) {
      attack(Integer.parseInt(args[1]), CostlyCall.valueOf(args[2]));
      return;
    }
    int users = Integer.parseInt(args[0]);
    Duration counted = Duration.ofSeconds(Long.parseLong(args[1]));
    List<CostlyCall> costly =
        args.length == 2
            ? List.of(CostlyCall.values())
            : Stream.of(args).skip(2).map(CostlyCall::valueOf).toList();
    boolean good = true;
    ClassArchives.make();
    try (Issuer issuer = Issuer.start()) {
      PublicJsonWebKey key = issuer.key("one", "ES256");
      String auth =
          "auth:\n  jwt:\n    issuer: %s\n    jwks: %s\n".formatted(Issuer.NAME, issuer.jwks());
      try (Pair pair = Pair.up(Map.of(), Pair.FILE + auth, Optional.of(CostlyCall.mounts()))) {
        Crowd crowd = new Crowd(pair.port(), key, users);
        crowd.call(Optional.empty(), FIRST_WARM_UP, Duration.ZERO);
        List<Long> before = processes(pair);
        for (CostlyCall call : costly) {
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

  // Who attacks is a process of its own: its work must not delay the users' clocks.
  private static Calls beside(Crowd crowd, CostlyCall call, Duration counted)
      throws IOException, InterruptedException {
    ProcessBuilder attacker =
        new ProcessBuilder(
            Root.java(),
            "-cp",
            System.getProperty("java.class.path"),
            AttacksBench.class.getName(),
            "attack",
            Integer.toString(crowd.port()),
            call.name());
    attacker.redirectError(ProcessBuilder.Redirect.INHERIT);
    Process process = attacker.start();
    try (var token = process.outputWriter()) {
      token.write(crowd.token("attacker-" + call.name()));
      token.newLine();
      token.flush();
      return crowd.call(Optional.empty(), WARM_UP, counted);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** Sends it until it is killed, by the token that its standard input brings. */
  private static void attack(int port, CostlyCall call) throws IOException, InterruptedException {
    String token = new BufferedReader(new InputStreamReader(System.in, UTF_8)).readLine();
    byte[] request = call.request(token).getBytes(UTF_8);
    List<Thread> connections = new ArrayList<>();
    for (int i = 0; i < call.connections(); i++) {
      connections.add(Thread.ofVirtual().start(() -> send(port, request)));
    }
    for (Thread connection : connections) {
      connection.join();
    }
  }

  private static void send(int port, byte[] request) {
    while (true) {
      try (RawHttp http = RawHttp.connect(port)) {
        http.send(request).read();
      } catch (IOException _) {
        // Closed on it, as may be.
      }
    }
  }
}
