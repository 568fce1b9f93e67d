package com.mcpist.e2e.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.link.FaultProxy;
import com.mcpist.e2e.harness.EdgeConfig;
import com.mcpist.e2e.harness.Load;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.e2e.harness.Status;
import com.mcpist.e2e.harness.WorkerProcess;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jose4j.jwk.PublicJsonWebKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A user within the plan who sends what costs the most, through both edges, to origins as they
 * ship: no process ends or grows beyond its limit, and the others' calls succeed.
 */
@Tag("alone")
@Tag("long")
class CostlyCallsIT {
  private static final int OTHERS = 8;

  /** The others call more slowly than their plan allows, which is 300 calls a minute. */
  private static final Duration PACE = Duration.ofMillis(250);

  private static final int LEAST_CALLS = 3 * OTHERS;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** An origin's container has 256 MiB. */
  private static final long MOST_RESIDENT_KIB = 256 * 1024 * 11 / 10;

  private static final Set<Integer> HONEST = Set.of(200, 202, 400, 413, 429, 503);
  private static final AtomicInteger USERS = new AtomicInteger();

  private static Issuer issuer;
  private static PublicJsonWebKey signing;
  private static Pair pair;
  private static WorkerProcess worker;
  private static final List<FaultProxy> LINKS = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    issuer = Issuer.start();
    signing = issuer.key("one", "ES256");
    // All come from one address, which would be told so first.
    String file =
        "limits: {address_per_minute: 0, address_connections: 0}\nauth:\n  jwt:\n    issuer: %s\n    jwks: %s\n"
            .formatted(Issuer.NAME, issuer.jwks());
    pair = Pair.up(Map.of(), Pair.FILE + file, Optional.of(CostlyCall.mounts()));
    Status status = pair.awaitSettled();
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.putArray("allowedHosts").add("localhost");
    var origins = config.putArray("origins");
    for (Status.Origin origin : status.origins()) {
      // A Worker knows no Unix sockets.
      FaultProxy link =
          FaultProxy.open(UnixDomainSocketAddress.of(URI.create(origin.url()).getPath()));
      LINKS.add(link);
      origins.addObject().put("name", origin.name()).put("url", "http://127.0.0.1:" + link.port());
    }
    config.putObject("limits").put("addressPerMinute", 0).put("addressConnections", 0);
    ObjectNode auth = config.putObject("auth").put("resource", Stage.RESOURCE);
    auth.putObject("jwt").put("issuer", Issuer.NAME).put("jwks", issuer.jwks().toString());
    worker =
        WorkerProcess.start(
            Map.of(
                "EDGE_CONFIG",
                config.toString(),
                "GATEWAY_SECRET",
                gatewaySecret(status),
                "ADMIN_TOKEN",
                EdgeConfig.SECRET));
  }

  @AfterAll
  static void stop() throws IOException {
    worker.close();
    LINKS.forEach(FaultProxy::close);
    pair.close();
    issuer.close();
  }

  private static String resource() {
    return "http://localhost:" + pair.port() + "/mcp";
  }

  private static String gatewaySecret(Status status) throws IOException {
    String name = "GATEWAY_SECRET=";
    Path environ = Path.of("/proc", pid(status.origins().getFirst()) + "", "environ");
    return Stream.of(Files.readString(environ).split("\0", -1))
        .filter(variable -> variable.startsWith(name))
        .findFirst()
        .orElseThrow()
        .substring(name.length());
  }

  private static long pid(Status.Origin origin) {
    return origin.runningPid();
  }

  private static String token(String at, String user) {
    String resource = at.equals("edge") ? resource() : Stage.RESOURCE;
    return Issuer.token(signing, "ES256", Issuer.claims(resource, user));
  }

  static Stream<Arguments> calls() {
    return Stream.of("edge", "worker")
        .flatMap(at -> Stream.of(CostlyCall.values()).map(call -> Arguments.of(at, call)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("calls")
  void nothingEndsAndTheOthersAreServed(String at, CostlyCall call) throws Exception {
    int port = at.equals("edge") ? pair.port() : worker.port();
    Status before = pair.awaitSettled();
    List<String> tokens = Stream.generate(() -> token(at, user())).limit(OTHERS).toList();
    Attacker attacker = new Attacker(port, call.request(token(at, user())));
    Load others = Load.start(port, OTHERS, PACE, (c, i, n) -> save(c, tokens.get(i), i + " " + n));
    Load attack = Load.start(port, call.connections(), Duration.ZERO, (_, _, _) -> attacker.send());
    Conditions.await(
        "the others have called",
        LIMIT,
        () -> others.calls() >= LEAST_CALLS && !attacker.answers.isEmpty());
    others.stop();
    attacker.leave();
    attack.stop();

    assertThat(others.report().failures()).as(others.report().summary()).isEmpty();
    assertThat(attack.report().failures()).as(attack.report().summary()).isEmpty();
    assertThat(attacker.answers).isSubsetOf(honest());
    assertThat(processes(pair.status())).as("no process has ended").isEqualTo(processes(before));
    for (Status.Origin origin : before.origins()) {
      assertThat(peakKib(pid(origin))).as(origin.name()).isLessThan(MOST_RESIDENT_KIB);
    }
  }

  private static String user() {
    return "user" + USERS.incrementAndGet();
  }

  private static Set<String> honest() {
    Set<String> names = new TreeSet<>();
    HONEST.forEach(status -> names.add(status + ""));
    return names;
  }

  private static String save(McpConnection connection, String token, String title)
      throws IOException {
    McpConnection.Reply reply =
        connection
            .patience(LIMIT)
            .call("memory_save", Savers.arguments(title), "Authorization: Bearer " + token);
    reply.structured();
    return reply.servedBy();
  }

  /** The attacker sends the costly call on many connections, and leaves before the last answers. */
  private static final class Attacker {
    private final int port;
    private final String request;
    private final Set<String> answers = new ConcurrentSkipListSet<>();
    private final Set<RawHttp> open = ConcurrentHashMap.newKeySet();
    private volatile boolean leaves;

    Attacker(int port, String request) {
      this.port = port;
      this.request = request;
    }

    String send() throws IOException {
      try (RawHttp http = RawHttp.connect(port)) {
        open.add(http);
        if (!leaves) {
          answers.add(http.patience(LIMIT).send(request).read().status() + "");
        }
        open.remove(http);
      } catch (IOException | AssertionError e) {
        if (!leaves) {
          throw e;
        }
      }
      return "";
    }

    /** Closes the connections, since a user who has had many large answers waits for the next. */
    void leave() throws IOException {
      leaves = true;
      for (RawHttp http : open) {
        http.close();
      }
    }
  }

  private static List<Long> processes(Status status) {
    return Stream.concat(
            Stream.of(status.edge().pid()), status.origins().stream().map(CostlyCallsIT::pid))
        .toList();
  }

  private static long peakKib(long pid) throws IOException {
    Optional<String> peak =
        Files.readAllLines(Path.of("/proc", pid + "", "status")).stream()
            .filter(line -> line.startsWith("VmHWM:"))
            .findFirst();
    return Long.parseLong(peak.orElseThrow().replaceAll("[^0-9]", ""));
  }
}
