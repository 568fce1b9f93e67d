package com.mcpist.edge.monitor;

import static com.mcpist.testkit.Conditions.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.pool.Origin;
import com.mcpist.edge.pool.Origins.Failure;
import com.mcpist.edge.pool.PoolSettings;
import com.mcpist.edge.pool.PoolState.Health;
import com.mcpist.edge.pool.PoolState.Outage;
import com.mcpist.edge.pool.PoolState.Status;
import com.mcpist.edge.time.MonotonicClock;
import com.mcpist.edge.wire.Addresses;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HealthMonitorTest {
  private static final PoolSettings SETTINGS =
      new PoolSettings(
          2,
          3,
          Duration.ofSeconds(1),
          Duration.ofMillis(20),
          Duration.ofMillis(100),
          Duration.ofMillis(300),
          Duration.ofSeconds(2),
          Duration.ofMinutes(5));

  private final Vertx vertx = Vertx.vertx();
  private final TestOrigin primary = new TestOrigin(vertx, "primary");
  private final TestOrigin standby = new TestOrigin(vertx, "standby");
  private final MonotonicClock database = new MonotonicClock();
  private OriginPool pool;
  private HealthMonitor monitor;

  @BeforeEach
  void start() {
    start(MonitorSettings.DEFAULTS, primary.origin(), standby.origin());
  }

  private void start(MonitorSettings settings, Origin... origins) {
    MonotonicClock clock = new MonotonicClock();
    pool = new OriginPool(vertx, List.of(origins), SETTINGS, clock);
    monitor =
        new HealthMonitor(
            vertx,
            pool,
            settings,
            () -> "the-secret",
            database,
            new Addresses(vertx, List.of(), _ -> () -> "", 1));
  }

  private void restart(MonitorSettings settings, Origin... origins) throws Exception {
    monitor.close().await(30, TimeUnit.SECONDS);
    start(settings, origins);
  }

  @AfterEach
  void close() throws Exception {
    monitor.close().await(30, TimeUnit.SECONDS);
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void findsHealthyOriginsAndTheirReleases() {
    awaitCalm();
    assertThat(monitor.release("primary")).isEqualTo("r1");
    assertThat(primary.healthSecrets).contains("the-secret").doesNotContain("");
  }

  @Test
  void readsTheDatabasesClock() {
    long then = 2_000_000_000_000L;
    primary.healthBody = "{\"status\":\"ok\",\"clock\":" + then + "}";
    await("it is told", () -> database.millis() >= then);
    assertThat(database.millis()).isLessThan(then + 60_000);
  }

  @Test
  void aDeadOriginIsNoticedWithoutACallAndGetsItsTrafficBack() throws Exception {
    awaitCalm();
    primary.kill();
    await("traffic at the standby", () -> "standby".equals(pool.state().active()));
    await("primary unhealthy", () -> status("primary") == Status.UNHEALTHY);
    primary.restart();
    awaitCalm();
    assertThat(pool.state().origin("primary").failures()).isEqualTo(1);
  }

  @Test
  void aWrongCodeOrBodyIsNotWell() {
    awaitCalm();
    primary.healthCode = 503;
    await("primary unhealthy", () -> status("primary") == Status.UNHEALTHY);
    assertThat(lastFailure("primary")).isEqualTo("/health: code 503");
    primary.healthCode = 200;
    primary.healthBody = "{\"status\":\"token\"}";
    primary.mcpCode = 404;
    await("MCP is asked", () -> lastFailure("primary").equals("no MCP at /mcp: code 404"));
    primary.healthBody = "x".repeat(100_000);
    await("the body is bounded", () -> lastFailure("primary").contains("more than 65536 bytes"));
    primary.healthBody = "not JSON, yet has \"status\":\"ok\"";
    awaitCalm();
  }

  @Test
  void aTimeoutIsTriedAgainAtOnceAsOftenAsSaid() throws Exception {
    MonitorSettings brief = new MonitorSettings(Duration.ofMillis(150), 2);
    restart(brief, primary.origin(), standby.origin());
    awaitCalm();
    primary.answersHealth = false;
    await("primary down", () -> pool.state().origin("primary").downs() > 0);
    assertThat(lastFailure("primary")).isEqualTo("/health: no answer in time");
    primary.answersHealth = true;
    awaitCalm();
  }

  @Test
  void anOriginThatFallsSilentLosesItsCallsAtOnce() {
    awaitCalm();
    awaitTicks();
    AtomicInteger lost = new AtomicInteger();
    var _ = pool.inFlight(primary.origin(), lost::incrementAndGet);
    primary.ticking = false;
    await("the call is given up", () -> lost.get() == 1);
    assertThat(pool.state().origin("primary").outage()).isEqualTo(Outage.SILENCE);
    assertThat(pool.state().active()).isEqualTo("standby");
    primary.ticking = true;
    awaitCalm();
    assertThat(pool.state().origin("primary").failures()).isZero();
  }

  @Test
  void anOriginCutOffFromTheDatabaseLosesItsCalls() {
    awaitCalm();
    awaitTicks();
    AtomicInteger lost = new AtomicInteger();
    var _ = pool.inFlight(primary.origin(), lost::incrementAndGet);
    primary.database = false;
    await("the call is given up", () -> lost.get() == 1);
    assertThat(lastFailure("primary")).isEqualTo("its database does not answer");
    primary.database = true;
    awaitCalm();
  }

  @Test
  void aFaultOfAllOriginsSwitchesNothing() {
    awaitCalm();
    awaitTicks();
    AtomicInteger lost = new AtomicInteger();
    var _ = pool.inFlight(primary.origin(), lost::incrementAndGet);
    primary.ticking = false;
    standby.ticking = false;
    // A stream is given up and opened anew once it was silent for long enough to count.
    await(
        "the silence is noticed", () -> primary.streamsOpened() > 1 && standby.streamsOpened() > 1);
    assertThat(pool.state().active()).isEqualTo("primary");
    assertThat(pool.state().origins()).allMatch(o -> o.health() == Health.HEALTHY);
    assertThat(lost).hasValue(0);
  }

  @Test
  void anOriginThatSaysItStopsGetsNoNewCalls() {
    awaitCalm();
    awaitTicks();
    primary.draining = true;
    await("traffic at the standby", () -> "standby".equals(pool.state().active()));
    assertThat(pool.state().origin("primary").outage()).isEqualTo(Outage.LEAVING);
    primary.healthCode = 503;
    await("primary unhealthy", () -> status("primary") == Status.UNHEALTHY);
    assertThat(pool.state().inOrder()).containsExactly("standby", "primary");
    assertThat(pool.state().origin("primary").failures()).isZero();
  }

  @Test
  void originsWithoutAHeartbeatAreWatchedByProbes() throws Exception {
    primary.heartbeat = false;
    standby.heartbeat = false;
    restart(MonitorSettings.DEFAULTS, primary.origin(), standby.origin());
    awaitCalm();
    pool.failed(primary.origin(), Failure.RESET, "reset by peer");
    assertThat(pool.state().active()).isEqualTo("standby");
    awaitCalm();
  }

  @Test
  void aServerThatHasNoHealthIsAskedByMcp() {
    primary.healthCode = 404;
    primary.mcpCode = 400;
    primary.mcpBody = "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000},\"id\":null}";
    awaitCalm();
    primary.mcpCode = 500;
    await("primary unhealthy", () -> status("primary") == Status.UNHEALTHY);
    assertThat(lastFailure("primary")).isEqualTo("no MCP at /mcp: code 500");
    primary.mcpCode = 401;
    awaitCalm();
  }

  @Test
  void anOriginKeepsCallsIfItSaysSo() {
    awaitCalm();
    assertThat(pool.keepCalls()).isFalse();
    primary.ledger = true;
    standby.ledger = true;
    await("both say so", () -> pool.keepCalls());
    standby.ledger = false;
    await("one says no more", () -> !pool.keepsCalls(standby.origin()));
    assertThat(pool.keepsCalls(primary.origin())).isTrue();
    assertThat(pool.keepCalls()).isFalse();
    assertThat(pool.mayKeepCalls()).isFalse();
    assertThat(pool.chooseKeeper(Set.of("primary"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404})
  void aPageInThePlaceOfAnOriginWithALedgerIsNoOrigin(int code) {
    primary.ledger = true;
    await("it says so", () -> pool.keepsCalls(primary.origin()));
    primary.ledger = false;
    primary.healthBody = "<html>This service is stopped</html>";
    primary.mcpBody = primary.healthBody;
    primary.healthCode = code;
    primary.mcpCode = code;
    await("primary unhealthy", () -> status("primary") == Status.UNHEALTHY);
    assertThat(lastFailure("primary")).isEqualTo("no MCP at /mcp: code " + code);
    assertThat(pool.keepsCalls(primary.origin())).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "401, <html>",
    "403, <html>",
    "400, '{\"jsonrpc\"'",
    "403, '{\"jsonrpc\"'",
    "404, '{\"jsonrpc\"'"
  })
  void aRefusalDoesNotShowThatAnOriginKeepsNoLedger(int code, String body) throws Exception {
    primary.healthCode = 404;
    primary.mcpCode = code;
    primary.mcpBody = body;
    standby.ledger = true;
    restart(MonitorSettings.DEFAULTS, primary.origin(), standby.origin());
    awaitCalm();
    assertThat(pool.keepsCalls(standby.origin())).isTrue();
    assertThat(pool.keepsCalls(primary.origin())).isFalse();
    assertThat(pool.mayKeepCalls()).isTrue();
    primary.mcpCode = 200;
    primary.mcpBody = "{\"jsonrpc\":\"2.0\",\"result\":{}}";
    await("it answers by MCP", () -> !pool.mayKeepCalls());
  }

  @Test
  void aServerThatRefusesByMcpDoesNotTakeThePlaceOfAnOriginWithALedger() {
    primary.ledger = true;
    await("it says so", () -> pool.keepsCalls(primary.origin()));
    primary.ledger = false;
    primary.mcpBody = "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32000},\"id\":null}";
    primary.mcpCode = 400;
    primary.healthCode = 404;
    await("primary unhealthy", () -> status("primary") == Status.UNHEALTHY);
    assertThat(lastFailure("primary")).isEqualTo("no MCP at /mcp: code 400");
    assertThat(pool.keepsCalls(primary.origin())).isTrue();
  }

  private void awaitCalm() {
    await(
        "all healthy, traffic at the primary",
        () ->
            "primary".equals(pool.state().active())
                && pool.state().origins().stream().allMatch(o -> o.usable() && !o.held()));
  }

  private void awaitTicks() {
    await("both heartbeats", () -> primary.ticksSent() > 0 && standby.ticksSent() > 0);
  }

  private Status status(String name) {
    return pool.state().origin(name).status();
  }

  private String lastFailure(String name) {
    return Objects.requireNonNull(pool.state().origin(name).lastFailure()).reason();
  }
}
