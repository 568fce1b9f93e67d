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
    edges("one user without pause", 2, USER, s -> Requests.bearer(s.runaway));
    edges("strangers of one address", 3, ADDRESS, s -> "");
    edges(
        "made-up keys of one address",
        4,
        ADDRESS,
        s -> Requests.bearer(ApiKey.create().secret().reveal()));
    edges(
        "one address that names others",
        5,
        ADDRESS,
        s -> "X-Forwarded-For: 198.51.100." + next() + "\r\n");
  }

  /** The Worker has a client's address from the network it runs in, which writes this header. */
  private void edges(String name, int address, String policy, Function<Stage, String> headers) {
    String from = "CF-Connecting-IP: 203.0.113." + address + "\r\n";
    // More than two of workerd's minutes allow, which do not move with the first call.
    add(name, Attack.EDGES, 510, address, policy, s -> from + headers.apply(s));
  }

  private void origin() {
    origin("a user beyond a plan", 3, "");
    String key = "Idempotency-Key: mcpist-01a2125b-25e8-7353-b1dd-1ab07c03a0d1\r\n";
    origin("a user that sends a call again", 3, key);
  }

  private void origin(String name, int most, String more) {
    String user = Requests.SECRET + "X-User-Id: " + Stage.SMALL_PLAN + "\r\n";
    add(name, Attack.ORIGIN, most + 1, 1, PLAN, s -> user + more);
  }

  private void add(
      String name,
      Set<Target> against,
      int times,
      int address,
      String policy,
      Function<Stage, String> headers) {
    Function<Stage, String> request = s -> Requests.call("/mcp", headers.apply(s), SEARCH);
    // An edge answers a call that it refuses, so that every client can read the refusal.
    Set<Integer> statuses = policy.equals(PLAN) ? TOO_MANY : Set.of(200);
    Attack once = new Attack("limits", name, against, request, statuses);
    all.add(
        once.saying("\"code\":\"rate_limited\"")
            .telling("RateLimit-Policy", policy)
            .repeated(times, "127.0.0." + address));
  }

  private int next() {
    return calls.incrementAndGet() % 200 + 10;
  }
}
