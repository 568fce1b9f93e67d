package com.mcpist.e2e.security;

import com.mcpist.deploy.secret.ApiKey;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Attacks by number: each request alone would be answered, or refused as any of its kind. */
final class LimitAttacks extends AttackTable {
  private static final Set<Integer> TOO_MANY = Set.of(429);

  // Which limit it was: any of them would end the attack.
  private static final String USER = "\"user\";";
  private static final String ADDRESS = "\"address\";";
  private static final String PLAN = "\"minute\";";

  /** It leaves no trace, so that those before the last may run. */
  private static final String SEARCH =
      Requests.SAVE
          .replace("memory_save", "memory_search")
          .replaceFirst("\"arguments\":.*", "\"arguments\":{\"query\":\"t\"}}}");

  private final AtomicInteger calls = new AtomicInteger();

  private LimitAttacks() {}

  static List<Attack> all() {
    LimitAttacks table = new LimitAttacks();
    table.edges();
    table.origin();
    return table.all;
  }

  private void edges() {
    edges("one user without pause", USER, s -> Requests.bearer(s.runaway));
    edges("strangers of one address", ADDRESS, s -> "");
    edges(
        "made-up keys of one address",
        ADDRESS,
        s -> Requests.bearer(ApiKey.create().secret().reveal()));
    edges(
        "one address that names others",
        ADDRESS,
        s -> "X-Forwarded-For: 198.51.100." + next() + "\r\n");
  }

  private void edges(String name, String policy, Function<Stage, String> headers) {
    // Workerd's minutes do not begin with the first call. This is more than two of them allow.
    add(name, Attack.EDGES, 510, policy, headers);
  }

  private void origin() {
    origin("a user beyond a plan", 3, "");
    String key = "Idempotency-Key: mcpist-01a2125b-25e8-7353-b1dd-1ab07c03a0d1\r\n";
    origin("a user that sends a call again", 3, key);
  }

  private void origin(String name, int most, String more) {
    String user = Requests.SECRET + "X-User-Id: " + Stage.SMALL_PLAN + "\r\n";
    add(name, Attack.ORIGIN, most + 1, PLAN, s -> user + more);
  }

  private void add(
      String name, Set<Target> against, int times, String policy, Function<Stage, String> headers) {
    Function<Stage, String> request = s -> Requests.call("/mcp", headers.apply(s), SEARCH);
    // An edge answers a call that it refuses, so that every client can read the refusal.
    Set<Integer> statuses = policy.equals(PLAN) ? TOO_MANY : Set.of(200);
    Attack once = new Attack("limits", name, against, request, statuses);
    all.add(
        once.saying("\"code\":\"rate_limited\"")
            .telling("RateLimit-Policy", policy)
            .repeated(times));
  }

  private int next() {
    return calls.incrementAndGet() % 200 + 10;
  }
}
