package com.mcpist.e2e.bench;

import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.faults.KeyedPair;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jose4j.jwk.PublicJsonWebKey;
import tools.jackson.databind.node.ObjectNode;

/**
 * Users of one address who each call twice a second, half of them with an API key and half with a
 * token, by themselves and beside a stranger at the same address. Beside them, each half second,
 * somebody calls for the first time, with a key or a token in turn. Exit code 1 when a call of the
 * users, or of a new key or token, fails, or when the users' 99th percentile more than doubles.
 */
public final class StrangersBench {
  private static final Duration FIRST_WARM_UP = Duration.ofSeconds(15);
  private static final Duration WARM_UP = Duration.ofSeconds(13);
  private static final double MOST_GROWTH = 2;
  private static final int CALLS_OF_A_CONNECTION = 4;
  private static final long BETWEEN_CALLS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final String RESOURCE = "https://mcp.example.com/mcp";
  private static final String KEY_ID = "one";

  private final int port;
  private final KeyedPair pair;
  private final PublicJsonWebKey signing;
  private final List<String> users = new ArrayList<>();
  private final AtomicInteger names;

  private StrangersBench(
      int port, KeyedPair pair, PublicJsonWebKey signing, int users, AtomicInteger names)
      throws IOException {
    this.port = port;
    this.pair = pair;
    this.signing = signing;
    this.names = names;
    for (int i = 0; i < users; i++) {
      this.users.add(i % 2 == 0 ? newKey() : newToken());
    }
  }

  /**
   * Takes the number of users, the seconds of each part, and the names of the strangers, all of
   * them without one; or "stranger", a port and a name, and is that stranger.
   */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("stranger")) {
      Stranger.valueOf(args[2]).run(Integer.parseInt(args[1]), RESOURCE, KEY_ID);
      return;
    }
    int users = Integer.parseInt(args[0]);
    Duration counted = Duration.ofSeconds(Long.parseLong(args[1]));
    List<Stranger> strangers =
        args.length == 2
            ? List.of(Stranger.values())
            : Stream.of(args).skip(2).map(Stranger::valueOf).toList();
    AtomicInteger names = new AtomicInteger();
    boolean good = true;
    try (Issuer issuer = Issuer.start();
        KeyedPair pair = new KeyedPair()) {
      PublicJsonWebKey signing = issuer.key(KEY_ID, "ES256");
      pair.start();
      for (EdgeKind kind : EdgeKind.values()) {
        try (EdgeKind.Running edge = kind.start(config(pair, issuer))) {
          KeyedPair.awaitWell(edge);
          StrangersBench bench = new StrangersBench(edge.port(), pair, signing, users, names);
          bench.call(FIRST_WARM_UP, Duration.ZERO, Calls.none());
          for (Stranger stranger : strangers) {
            // Cloudflare, not the Worker, bounds connections.
            if (kind == EdgeKind.JAVA || stranger != Stranger.CONNECTIONS) {
              good &= bench.compare(kind, stranger, counted);
            }
          }
        }
      }
    }
    System.exit(good ? 0 : 1);
  }

  /** Returns the configuration of an edge with the default limits. */
  private static ObjectNode config(KeyedPair pair, Issuer issuer) {
    ObjectNode config = pair.config();
    config.putObject("limits");
    ObjectNode jwt = config.withObjectProperty("auth").putObject("jwt");
    jwt.put("issuer", Issuer.NAME).put("jwks", issuer.jwks().toString());
    return config;
  }

  private boolean compare(EdgeKind kind, Stranger stranger, Duration counted) throws Exception {
    Calls alone = call(Duration.ofSeconds(2), counted, Calls.none());
    Calls beside = Calls.none();
    Process process = start(stranger);
    try {
      // By then, a stranger has used up what an address has for a minute.
      call(WARM_UP, counted, beside);
    } finally {
      process.destroyForcibly().waitFor();
    }
    double growth = beside.percentile(99) / alone.percentile(99);
    System.out.printf(
        "%-6s %-14s users %d failed of %d, p50 %.1f ms (alone %.1f), p99 %.1f ms (alone %.1f):"
            + " %.2f times; new tokens %d failed of %d, new keys %d of %d; alone %d, %d, %d%n",
        kind,
        stranger,
        beside.users.failed(),
        beside.users.all(),
        beside.percentile(50),
        alone.percentile(50),
        beside.percentile(99),
        alone.percentile(99),
        growth,
        beside.newTokens.failed(),
        beside.newTokens.all(),
        beside.newKeys.failed(),
        beside.newKeys.all(),
        alone.users.failed(),
        alone.newTokens.failed(),
        alone.newKeys.failed());
    return beside.users.failed() == 0
        && beside.newTokens.failed() == 0
        && beside.newKeys.failed() == 0
        && growth <= MOST_GROWTH;
  }

  /** Starts a stranger as a process of its own, so that its work does not delay users' clocks. */
  private Process start(Stranger stranger) throws IOException {
    return new ProcessBuilder(
            Root.java(),
            "-cp",
            System.getProperty("java.class.path"),
            StrangersBench.class.getName(),
            "stranger",
            Integer.toString(port),
            stranger.name())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** The calls of a kind of callers: how long the answered ones took, and how many failed. */
  private record Outcomes(List<Long> nanos, AtomicInteger failures) {
    static Outcomes none() {
      return new Outcomes(Collections.synchronizedList(new ArrayList<>()), new AtomicInteger());
    }

    int failed() {
      return failures.get();
    }

    int all() {
      return nanos.size() + failed();
    }
  }

  private record Calls(Outcomes users, Outcomes newTokens, Outcomes newKeys) {
    static Calls none() {
      return new Calls(Outcomes.none(), Outcomes.none(), Outcomes.none());
    }

    /** Returns the time in milliseconds within which this share of the users' calls ended. */
    double percentile(int percent) {
      List<Long> all = users.nanos.stream().sorted().toList();
      return all.isEmpty() ? Double.NaN : all.get(all.size() * percent / 100) / 1e6;
    }
  }

  private Calls call(Duration warmUp, Duration counted, Calls calls) throws Exception {
    List<String> keys = new ArrayList<>();
    for (long i = 0; i < counted.toSeconds(); i++) {
      keys.add(newKey());
    }
    long begin = System.nanoTime();
    long from = begin + warmUp.toNanos();
    long end = from + counted.toNanos();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < users.size(); i++) {
      byte[] request = CrowdUser.request(users.get(i), Crowd.QUERY);
      long first = begin + BETWEEN_CALLS * i / users.size();
      threads.add(Thread.ofPlatform().start(() -> use(request, first, from, end, calls.users)));
    }
    for (int i = 0; i < keys.size(); i++) {
      byte[] key = CrowdUser.request(keys.get(i), Crowd.QUERY);
      byte[] token = CrowdUser.request(newToken(), Crowd.QUERY);
      long due = from + 2L * i * BETWEEN_CALLS;
      threads.add(joins(key, due, calls.newKeys));
      threads.add(joins(token, due + BETWEEN_CALLS, calls.newTokens));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return calls;
  }

  private Thread joins(byte[] request, long due, Outcomes outcomes) {
    return Thread.ofPlatform()
        .start(
            () -> {
              waitUntil(due);
              try (RawHttp connection = RawHttp.connect(port)) {
                call(connection, request, due, true, outcomes);
              } catch (IOException | AssertionError e) {
                outcomes.failures.incrementAndGet();
              }
            });
  }

  /** Calls until the end, a few times on each connection, and counts from a moment on. */
  private void use(byte[] request, long first, long from, long end, Outcomes outcomes) {
    long due = first;
    while (due < end) {
      try (RawHttp connection = RawHttp.connect(port)) {
        for (int i = 0; i < CALLS_OF_A_CONNECTION && due < end; i++, due += BETWEEN_CALLS) {
          waitUntil(due);
          call(connection, request, due, due >= from, outcomes);
        }
      } catch (IOException | AssertionError e) {
        outcomes.failures.addAndGet(due >= from ? 1 : 0);
        due += BETWEEN_CALLS;
      }
    }
  }

  private static void call(
      RawHttp connection, byte[] request, long due, boolean counts, Outcomes outcomes)
      throws IOException {
    HttpMessage response = connection.send(request).read();
    boolean answered = response.status() == 200 && !response.text().contains("\"error\":");
    if (counts && answered) {
      outcomes.nanos.add(System.nanoTime() - due);
    } else if (counts) {
      outcomes.failures.incrementAndGet();
    }
  }

  private static void waitUntil(long due) {
    while (System.nanoTime() < due) {
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private String newKey() throws IOException {
    return pair.createKey("user-" + names.incrementAndGet() + "-of-the-bench");
  }

  private String newToken() {
    String user = "user-" + names.incrementAndGet() + "-of-the-bench";
    return Issuer.token(signing, "ES256", Issuer.claims(RESOURCE, user));
  }
}
