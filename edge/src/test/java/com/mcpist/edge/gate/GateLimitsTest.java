package com.mcpist.edge.gate;

import static com.mcpist.edge.fixture.TestEdge.ANSWER;
import static com.mcpist.testkit.Behaviour.answer;
import static com.mcpist.testkit.Behaviour.ofLedger;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.TestEdge;
import com.mcpist.edge.gate.auth.Authentication;
import com.mcpist.edge.gate.auth.JwtSettings;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.RawHttp;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwt.JwtClaims;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests over the wire how often a client that is let in may call. */
class GateLimitsTest {
  private static final Authentication KEYS =
      new Authentication.Required(URI.create("https://mcp.example.com/mcp"), true, null);
  private static final String ALICE =
      "Authorization: Bearer mcpist_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA3RdMOf";
  private static final String BOB =
      "Authorization: Bearer mcpist_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM0-_11i3caD";

  /** The well-formed keys that an origin does not know. */
  private static final List<String> MADE_UP =
      List.of(
          "Authorization: Bearer mcpist_0123456789-_zyxwvutsrqponmlkjihgfedcbaZYXWV3loJCf",
          "Authorization: Bearer mcpist_AAAR2gAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA00CNzH",
          "Authorization: Bearer mcpist___________________________________________831D6ew");

  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final AtomicLong nanos = new AtomicLong(7);
  private @Nullable TestEdge started;

  @AfterEach
  void stop() throws IOException {
    if (started != null) {
      started.close();
    }
  }

  /**
   * Starts an edge whose clock does not move by itself. Only each look at it takes a nanosecond, so
   * that no two connections are equally old.
   */
  private TestEdge edge(Authentication authentication, LimitSettings limits) {
    TestEdge edge =
        TestEdge.start(UnaryOperator.identity(), authentication, limits, nanos::incrementAndGet);
    started = edge;
    edge.first.always(answer(200, ANSWER));
    return edge;
  }

  @Test
  void aUserHasHisRateAndOthersHaveTheirs() throws IOException {
    LimitSettings two = new LimitSettings(0, 0, 1, 2, List.of());
    TestEdge edge = edge(KEYS, two);
    edge.call(ALICE);
    edge.call(ALICE);
    HttpMessage response = edge.call(ALICE);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.header("Retry-After")).contains("1");
    assertThat(response.header("RateLimit-Policy")).contains("\"user\";q=1;w=1");
    assertThat(response.header("RateLimit")).contains("\"user\";r=0;t=1");
    assertThat(response.text()).contains("\"id\":7,", "\"code\":\"rate_limited\"");
    assertThat(edge.call(BOB).status()).isEqualTo(200);
  }

  @Test
  void whereUsersAreNotCountedAllRequestsCountForTheirAddress() throws IOException {
    TestEdge edge = edge(KEYS, new LimitSettings(3, 0, 0, 0, List.of()));
    assertThat(edge.get("/nothing").status()).isEqualTo(404);
    assertThat(edge.call().status()).isEqualTo(401);
    assertThat(edge.call(ALICE).status()).isEqualTo(200);
    for (String header : List.of("", ALICE, "X-Forwarded-For: 198.51.100.7")) {
      HttpMessage response = edge.call(header);
      assertThat(crowded(response)).isTrue();
      assertThat(response.status()).as("a client reads it as the answer").isEqualTo(200);
      assertThat(response.header("Retry-After")).contains("20");
    }
    assertThat(edge.get("/nothing").status()).isEqualTo(429);
    assertThat(edge.get("/health").status()).isEqualTo(429);
  }

  /** Returns true if the edge has refused a request for its address. */
  private static boolean crowded(HttpMessage response) {
    return response.header("RateLimit-Policy").orElse("").startsWith("\"address\"");
  }

  /** Starts an edge whose origin knows these keys, with room for 1,000 calls of a user at once. */
  private TestEdge knowing(int addressPerMinute, String... keys) {
    return knowing(addressPerMinute, 0, keys);
  }

  private TestEdge knowing(int addressPerMinute, int addressConnections, String... keys) {
    TestEdge edge =
        edge(KEYS, new LimitSettings(addressPerMinute, addressConnections, 5, 1_000, List.of()));
    know(edge, keys);
    return edge;
  }

  private static void know(TestEdge edge, String... keys) {
    Set<String> known = Set.of(keys);
    edge.first.handle(
        request ->
            known.contains("Authorization: " + request.header("Authorization").orElse(""))
                ? answer(200, ANSWER)
                : ofLedger(401, "{}"));
  }

  @Test
  void anAcceptedKeyCountsForItsUserAloneWhoeverFloodsFromItsAddress() throws IOException {
    TestEdge edge = knowing(3, ALICE, BOB);
    for (int i = 0; i < 20; i++) {
      assertThat(edge.call(ALICE).status()).isEqualTo(200);
    }
    for (String madeUp : MADE_UP) {
      assertThat(edge.call(madeUp).status()).isEqualTo(401);
    }
    int asked = edge.first.requests().size();
    HttpMessage response = edge.call(BOB);
    assertThat(response.header("RateLimit-Policy")).contains("\"address\";q=24;w=60");
    assertThat(edge.first.requests()).as("no origin was asked").hasSize(asked);
    assertThat(edge.call(ALICE).status()).isEqualTo(200);

    nanos.addAndGet(Duration.ofSeconds(20).toNanos());
    for (int i = 0; i < 3; i++) {
      assertThat(edge.call(BOB).status()).as("accepted by now").isEqualTo(200);
    }
  }

  @Test
  void aNewKeyIsAskedForWhateverElseItsAddressSends() throws IOException {
    TestEdge edge = knowing(3, ALICE, BOB);
    assertThat(edge.call(MADE_UP.get(0)).status()).as("new").isEqualTo(401);
    for (int i = 0; i < 3; i++) {
      assertThat(edge.call(MADE_UP.get(0)).status()).as("refused before").isEqualTo(401);
    }
    for (String stranger : List.of(MADE_UP.get(0), "", "Authorization: Bearer a.b.c")) {
      assertThat(crowded(edge.call(stranger))).as("the address has paid for %s", stranger).isTrue();
    }
    assertThat(edge.get("/health").status()).isEqualTo(429);
    assertThat(edge.call(ALICE).status()).isEqualTo(200);
    assertThat(edge.call(BOB).status()).isEqualTo(200);
  }

  @Test
  void keysThatAnOriginAcceptsTakeNothingOfTheirAddress() throws IOException {
    TestEdge edge = knowing(1, ALICE, BOB, MADE_UP.get(0), MADE_UP.get(1));
    for (String key : List.of(ALICE, BOB, MADE_UP.get(0), MADE_UP.get(1))) {
      assertThat(edge.call(key).status()).isEqualTo(200);
    }
    assertThat(edge.call(MADE_UP.get(2)).status()).isEqualTo(401);
  }

  @Test
  void anAcceptedKeyStillHasTheRateOfItsUser() throws IOException {
    TestEdge edge = edge(KEYS, new LimitSettings(1, 0, 1, 3, List.of()));
    for (int i = 0; i < 3; i++) {
      assertThat(edge.call(ALICE).text()).isEqualTo(ANSWER);
    }
    assertThat(edge.call(ALICE).header("RateLimit-Policy")).contains("\"user\";q=1;w=1");
  }

  @Test
  void aRevokedKeyCountsForItsAddressAgain() throws IOException {
    TestEdge edge = knowing(1, ALICE);
    assertThat(edge.call(ALICE).status()).isEqualTo(200);
    know(edge);
    assertThat(edge.call(ALICE).status()).as("the origin says so").isEqualTo(401);
    assertThat(edge.call(ALICE).status()).as("counted").isEqualTo(401);
    assertThat(crowded(edge.call(ALICE))).isTrue();
  }

  @Test
  void anAcceptedKeyIsForgottenWhereItIsNotUsed() throws IOException {
    TestEdge edge = knowing(1, ALICE);
    for (int i = 0; i < 3; i++) {
      assertThat(edge.call(ALICE).status()).isEqualTo(200);
      nanos.addAndGet(KnownKeys.ACCEPTED.minusSeconds(1).toNanos());
    }
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(edge.call(MADE_UP.get(0)).status()).isEqualTo(401);
    assertThat(crowded(edge.call(ALICE))).isTrue();
  }

  @Test
  void whatIsNoCallCountsForItsAddressWhateverKeyItHas() throws IOException {
    TestEdge edge = knowing(3, ALICE);
    assertThat(edge.call(ALICE).status()).isEqualTo(200);
    assertThat(edge.call(ALICE + "\n" + ALICE).status()).isEqualTo(400);
    assertThat(edge.call(ALICE + "\nOrigin: https://a.example").status()).isEqualTo(403);
    assertThat(edge.call(ALICE + "\nHost: b").status()).isEqualTo(400);
    for (String path : List.of("/health", "/nothing", "/mcp?access_token=x")) {
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + ALICE + "\r\n\r\n";
      HttpMessage response = RawHttp.exchange(edge.server.port(), request);
      assertThat(response.status()).as(path).isEqualTo(429);
    }
    assertThat(edge.call(ALICE).status()).isEqualTo(200);
  }

  @Test
  void whereNobodyIsAskedEverybodyCountsForTheirAddress() throws IOException {
    TestEdge edge = edge(new Authentication.Open(true), new LimitSettings(2, 0, 5, 50, List.of()));
    assertThat(edge.call(ALICE).status()).isEqualTo(200);
    assertThat(edge.call(ALICE).status()).isEqualTo(200);
    assertThat(crowded(edge.call(ALICE))).isTrue();
  }

  @Test
  void aTokenIsCheckedFirstAndOnlyARefusedOneCountsForItsAddress() throws IOException {
    try (Issuer issuer = Issuer.start()) {
      PublicJsonWebKey key = issuer.key("one", "ES256");
      PublicJsonWebKey forged = Issuer.unpublished("one", "ES256");
      URI resource = URI.create("https://mcp.example.com/mcp");
      JwtSettings jwt = new JwtSettings(Issuer.NAME, issuer.jwks(), resource.toString(), Set.of());
      TestEdge edge =
          edge(
              new Authentication.Required(resource, false, jwt),
              new LimitSettings(2, 0, 5, 1_000, List.of()));
      assertThat(edge.call(token(resource, key, "1")).status()).isEqualTo(200);
      assertThat(edge.call(token(resource, forged, "2")).status()).isEqualTo(401);
      assertThat(edge.call(token(resource, forged, "3")).status()).isEqualTo(401);
      int asked = edge.first.requests().size();
      assertThat(crowded(edge.call(token(resource, forged, "4")))).isTrue();
      assertThat(edge.first.requests()).as("no origin was asked").hasSize(asked);
      for (int i = 5; i < 15; i++) {
        assertThat(edge.call(token(resource, key, "" + i)).status()).as("new").isEqualTo(200);
      }

      issuer.forget();
      nanos.addAndGet(Duration.ofMinutes(2).toNanos());
      PublicJsonWebKey another = Issuer.unpublished("two", "ES256");
      assertThat(edge.call(token(resource, another, "15")).status()).isEqualTo(401);
      String withdrawn = token(resource, key, "1");
      assertThat(edge.call(withdrawn).status()).isEqualTo(401);
      assertThat(crowded(edge.call(withdrawn))).as("counted").isTrue();
    }
  }

  private static String token(URI resource, PublicJsonWebKey key, String id) {
    JwtClaims claims = Issuer.claims(resource.toString(), "alice");
    claims.setJwtId(id);
    return "Authorization: Bearer " + Issuer.token(key, "ES256", claims);
  }

  @Test
  void whatIsNoRequestCountsToo() throws IOException {
    TestEdge edge = edge(KEYS, new LimitSettings(3, 0, 0, 0, List.of()));
    String longUri = "GET /" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    String longHeader = "GET / HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n";
    for (String bad : List.of("GET /\r\n\r\n", longUri, longHeader)) {
      assertThat(RawHttp.exchange(edge.server.port(), bad).status()).isBetween(400, 431);
    }
    HttpMessage response = RawHttp.exchange(edge.server.port(), longUri);
    assertThat(response.status()).isEqualTo(429);
    assertThat(response.header("Connection")).contains("close");
    assertThat(edge.get("/nothing").status()).isEqualTo(429);
  }

  @Test
  void whatNoUserAccountsForMakesWayOfAnAddressTheLongestIdleFirst() throws IOException {
    TestEdge edge = knowing(100, 3, ALICE, BOB);
    List<RawHttp> open = new ArrayList<>();
    try {
      RawHttp alices = connect(edge, open);
      assertThat(alices.send(RawHttp.post("/mcp", ALICE, TestEdge.CALL)).read().status())
          .isEqualTo(200);
      RawHttp trickling = trickling(edge, open, MADE_UP.get(0));
      RawHttp idle = answered(edge, open);
      answered(edge, open);
      RawHttp bobs = connect(edge, open);
      assertThat(bobs.send(RawHttp.post("/mcp", BOB, TestEdge.CALL)).read().status())
          .as("a new user beside a stranger with all connections")
          .isEqualTo(200);
      assertThat(idle.closesWithin(LIMIT)).isTrue();
      for (int i = 0; i < 3; i++) {
        answered(edge, open);
      }
      assertThat(trickling.send("}       ").readIfAny().map(HttpMessage::status))
          .as("one at work makes way last")
          .contains(401);
      for (RawHttp users : List.of(alices, bobs)) {
        users.send(RawHttp.post("/mcp", ALICE, TestEdge.CALL));
        assertThat(users.read().status()).isEqualTo(200);
      }
    } finally {
      for (RawHttp each : open) {
        each.close();
      }
    }
  }

  @Test
  void aRequestThatNoOriginHasMakesWayWhereAllConnectionsHaveOne() throws IOException {
    TestEdge edge = knowing(100, 3, ALICE);
    List<RawHttp> open = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        trickling(edge, open, MADE_UP.get(i % 3));
      }
      RawHttp alices = connect(edge, open);
      assertThat(alices.send(RawHttp.post("/mcp", ALICE, TestEdge.CALL)).read().status())
          .isEqualTo(200);
    } finally {
      for (RawHttp each : open) {
        each.close();
      }
    }
  }

  @Test
  void aNewConnectionMakesWayLast() throws IOException {
    TestEdge edge = knowing(100, 3, ALICE);
    List<RawHttp> open = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        trickling(edge, open, MADE_UP.get(i));
      }
      nanos.addAndGet(Duration.ofSeconds(2).toNanos());
      RawHttp newcomer = connect(edge, open);
      answered(edge, open);
      assertThat(newcomer.send(RawHttp.post("/mcp", ALICE, TestEdge.CALL)).read().status())
          .isEqualTo(200);
    } finally {
      for (RawHttp each : open) {
        each.close();
      }
    }
  }

  @Test
  void connectionsOfUsersCountForTheUserOnceAnOriginHasAcceptedTheKey() throws IOException {
    TestEdge edge = knowing(1, 2, ALICE, BOB);
    List<RawHttp> open = new ArrayList<>();
    try {
      for (String key : List.of(ALICE, ALICE, BOB, BOB)) {
        RawHttp connection = connect(edge, open);
        connection.send(RawHttp.post("/mcp", key, TestEdge.CALL));
        assertThat(connection.read().status()).isEqualTo(200);
      }
      List<RawHttp> users = List.copyOf(open);
      for (int i = 0; i < 5; i++) {
        connect(edge, open).send(RawHttp.post("/mcp", ALICE, TestEdge.CALL)).read();
      }
      for (RawHttp each : users) {
        each.send(RawHttp.post("/mcp", BOB, TestEdge.CALL));
        assertThat(each.read().status()).as("all stay").isEqualTo(200);
      }
    } finally {
      for (RawHttp each : open) {
        each.close();
      }
    }
  }

  private static RawHttp connect(TestEdge edge, List<RawHttp> open) {
    open.add(RawHttp.connect(edge.server.port()));
    return open.getLast();
  }

  /**
   * Opens a connection with a request whose body does not end. The edge has admitted it and read
   * the request's head when this returns, since it has answered a request that came with it.
   */
  private static RawHttp trickling(TestEdge edge, List<RawHttp> open, String key)
      throws IOException {
    String head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\n" + key + "\r\nContent-Length: 9";
    return answered(edge, open, head + "\r\n\r\n{");
  }

  /**
   * Opens a connection that the edge has admitted when this returns. Two event loops may admit
   * connections in another order than they are opened.
   */
  private static RawHttp answered(TestEdge edge, List<RawHttp> open) throws IOException {
    return answered(edge, open, "");
  }

  private static RawHttp answered(TestEdge edge, List<RawHttp> open, String next)
      throws IOException {
    RawHttp connection = connect(edge, open);
    connection.send("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n" + next);
    assertThat(connection.read().status()).isEqualTo(404);
    return connection;
  }

  @Test
  void aTrustedProxysWordIsTakenForTheAddress() throws IOException {
    LimitSettings limits =
        new LimitSettings(1, 0, 0, 0, List.of(AddressBlock.parse("127.0.0.0/8").orElseThrow()));
    TestEdge edge = edge(new Authentication.Open(true), limits);
    assertThat(edge.call("X-Forwarded-For: 198.51.100.7").status()).isEqualTo(200);
    assertThat(edge.call("X-Forwarded-For: 198.51.100.8").status()).isEqualTo(200);
    assertThat(crowded(edge.call("X-Forwarded-For: 1.1.1.1, 198.51.100.8"))).isTrue();
  }
}
