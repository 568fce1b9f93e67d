package com.mcpist.e2e.bench;

import com.mcpist.testkit.Issuer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jose4j.jwk.PublicJsonWebKey;

/**
 * Users with a token and an address each, who call twice a second.
 *
 * @param port where the pair listens
 * @param key signs the users' tokens
 */
record Crowd(int port, PublicJsonWebKey key, int users) {
  private static final double EACH_PER_SECOND = 2;
  static final int CONNECTIONS_OF_THE_ONE = 10;
  static final String QUERY = "crowd";

  /**
   * One more user, from one address, who calls without measure.
   *
   * @param port whom it calls
   * @param burst how many calls of each of its connections fall due at the same time
   * @param user whose memories it searches
   * @param query what for
   */
  record TheOne(int port, double perSecond, int burst, String user, String query) {
    TheOne(int port, double perSecond, int burst) {
      this(port, perSecond, burst, "the-one", QUERY);
    }
  }

  /** What was measured: each user's calls, and those of the connections of the one. */
  record Calls(List<CrowdUser> users, List<CrowdUser> one) {
    Calls() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(Calls more) {
      users.addAll(more.users);
      one.addAll(more.one);
    }

    /** How long a call of the users took at most, for so many of a hundred. Milliseconds. */
    double percentile(int percent) {
      List<Long> all = users.stream().flatMap(u -> u.nanos().stream()).sorted().toList();
      return all.get(all.size() * percent / 100) / 1e6;
    }

    static Map<Integer, Integer> statuses(List<CrowdUser> users) {
      Map<Integer, Integer> all = new TreeMap<>();
      users.forEach(user -> user.statuses().forEach((s, n) -> all.merge(s, n, Integer::sum)));
      return all;
    }
  }

  /** What the users get, beside the one if there is one. */
  Calls call(Optional<TheOne> one, Duration warmUp, Duration counted) throws InterruptedException {
    Calls calls = new Calls();
    List<Thread> threads = new ArrayList<>();
    Duration apart = Duration.ofNanos(Math.round(1e9 / EACH_PER_SECOND / users));
    for (int i = 0; i < users; i++) {
      CrowdUser user = user(i);
      Duration first = apart.multipliedBy(i);
      calls.users.add(user);
      threads.add(thread(user, () -> user.run(EACH_PER_SECOND, 1, first, warmUp, counted)));
    }
    one.ifPresent(it -> threads.addAll(connections(it, calls.one, warmUp, counted)));
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    return calls;
  }

  private List<Thread> connections(
      TheOne one, List<CrowdUser> connections, Duration warmUp, Duration counted) {
    byte[] request = CrowdUser.request(token(one.user), one.query);
    double rate = one.perSecond / CONNECTIONS_OF_THE_ONE;
    Duration apart =
        one.burst == 1 ? Duration.ofNanos(Math.round(1e9 / one.perSecond)) : Duration.ZERO;
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS_OF_THE_ONE; i++) {
      CrowdUser connection = new CrowdUser(one.port, "127.0.200.1", request);
      Duration first = apart.multipliedBy(i);
      connections.add(connection);
      threads.add(
          thread(connection, () -> connection.run(rate, one.burst, first, warmUp, counted)));
    }
    return threads;
  }

  private CrowdUser user(int i) {
    String address = "127.0.%d.%d".formatted(1 + i / 250, 1 + i % 250);
    return new CrowdUser(port, address, CrowdUser.request(token("user-" + i), QUERY));
  }

  String token(String user) {
    String resource = "http://localhost:" + port + "/mcp";
    return Issuer.token(key, "ES256", Issuer.claims(resource, user));
  }

  private interface Calling {
    void run() throws Exception;
  }

  private static Thread thread(CrowdUser user, Calling calling) {
    return Thread.ofPlatform()
        .unstarted(
            () -> {
              try {
                calling.run();
              } catch (Exception e) {
                System.out.println("a user's connection: " + e);
                user.statuses().merge(0, 1, Integer::sum);
              }
            });
  }
}
