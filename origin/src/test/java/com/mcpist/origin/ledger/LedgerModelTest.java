package com.mcpist.origin.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.module.Tool;
import com.mcpist.module.Tool.Effect;
import com.mcpist.module.ToolCall;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.ledger.Scenario.Fate;
import com.mcpist.origin.ledger.Scenario.Step;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Sendings, attempts, crashes and hangs in any order, over the real ledger on the real database:
 * the effect happens at most once, and exactly once when a client got a result. What is the same
 * and sent after that is a call of its own.
 */
class LedgerModelTest {
  private static LedgerDatabase database;

  @BeforeContainer
  static void start() throws SQLException {
    database = LedgerDatabase.create();
  }

  @AfterContainer
  static void stop() throws SQLException {
    database.close();
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Integer> origin = Arbitraries.integers().between(0, 1);
    Arbitrary<Fate> fate = Arbitraries.of(Fate.class);
    Arbitrary<Step> attempt = Combinators.combine(origin, fate).as(Step.Attempt::new);
    Arbitrary<Step> echo =
        Combinators.combine(origin, Arbitraries.integers().between(0, 5), fate).as(Step.Echo::new);
    Arbitrary<Step> resend =
        Combinators.combine(Arbitraries.of(true, false, false), origin).as(Step.Resend::new);
    return Arbitraries.frequencyOf(
            Tuple.of(5, attempt),
            Tuple.of(2, echo),
            Tuple.of(3, resend),
            Tuple.of(2, Arbitraries.just(new Step.Wake())),
            Tuple.of(2, origin.map(Step.Crash::new)))
        .list()
        .ofMinSize(1)
        .ofMaxSize(8);
  }

  /** Of a call whose id is old; none hangs for as long as that. */
  @Provide
  Arbitrary<List<Step>> longAgo() {
    Arbitrary<Fate> fate =
        Arbitraries.of(
            Fate.WORKS, Fate.REFUSES, Fate.DIES_BEFORE_THE_WORK, Fate.DIES_AFTER_THE_WORK);
    Arbitrary<Step> attempt =
        Combinators.combine(Arbitraries.integers().between(0, 1), fate).as(Step.Attempt::new);
    return Arbitraries.frequencyOf(
            Tuple.of(4, attempt),
            Tuple.of(1, Arbitraries.just(new Step.Resend(true, 0))),
            Tuple.of(2, Arbitraries.just(new Step.LongAfter())))
        .list()
        .ofMinSize(2)
        .ofMaxSize(6);
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void aWriteHappensExactlyOnceHoweverItsAttemptsFare(
      @ForAll("steps") List<Step> steps, @ForAll Begin begin) throws Exception {
    Outcome outcome = play(new Writing(begin), TestInvocation.first(), steps);

    long effects = effects(outcome.call());
    assertThat(effects).as("effects").isLessThanOrEqualTo(1);
    // The last attempt had nothing in its way.
    List<ToolResult> done = outcome.results().stream().filter(r -> !r.isError()).toList();
    assertThat(done).as("results").isNotEmpty();
    assertThat(effects).as("effects of a call that gave a result").isEqualTo(1);
    assertThat(done).as("all results are the same").containsOnly(done.getFirst());

    Tool.Handler effect =
        c -> {
          LedgerDatabase.effect(c);
          return ToolResult.text("done");
        };
    try (LedgerOrigin origin = origin()) {
      origin.run(LedgerOrigin.tool(Effect.WRITES_DATABASE, effect), outcome.call().likewise());
    }
    assertThat(effects(outcome.call())).as("effects of it and of the next").isEqualTo(2);
  }

  @Property(tries = 30, shrinking = ShrinkingMode.OFF)
  void aKeyIsHonouredOrRefused(@ForAll("longAgo") List<Step> steps, @ForAll Begin begin)
      throws Exception {
    TestInvocation call = TestInvocation.first(Duration.ofMinutes(16));

    Outcome outcome = play(new Writing(begin), call, steps);

    List<ToolResult> done = outcome.results().stream().filter(r -> !r.isError()).toList();
    assertThat(effects(outcome.call())).as("effects").isBetween(done.isEmpty() ? 0L : 1L, 1L);
  }

  private static long effects(TestInvocation call) {
    String text = call.arguments().path("text").asString();
    return database.number("select count(*) from effect where what = ?", text);
  }

  @Property(tries = 30, shrinking = ShrinkingMode.OFF)
  void whatActsOutsideActsAtMostOnceHoweverItsAttemptsFare(@ForAll("steps") List<Step> steps)
      throws Exception {
    Acting world = new Acting();
    Outcome outcome = play(world, TestInvocation.first(), steps);

    assertThat(world.outside.get()).as("times acted").isLessThanOrEqualTo(1);
    List<ToolResult> told =
        outcome.results().stream().filter(r -> !r.isError()).distinct().toList();
    assertThat(told).as("different results").hasSizeLessThanOrEqualTo(1);
    if (!told.isEmpty()) {
      assertThat(world.outside).as("times acted when a client got a result").hasValue(1);
    }
    assertThat(outcome.results()).as("the last attempt was answered").isNotEmpty();
  }

  private record Outcome(TestInvocation call, List<ToolResult> results) {}

  private static Outcome play(Scenario.World world, TestInvocation call, List<Step> steps)
      throws Exception {
    List<LedgerOrigin> origins = new ArrayList<>(List.of(origin(), origin()));
    try {
      Scenario scenario = new Scenario(world, origins, call.text(call.key().id()));
      List<ToolResult> results = scenario.play(steps);
      return new Outcome(scenario.call(), results);
    } finally {
      origins.forEach(LedgerOrigin::close);
    }
  }

  private static LedgerOrigin origin() {
    // A lease that runs out in a process that lives must do no harm either.
    Ledger.Config config = new LedgerConfig().lease(Duration.ofMillis(200)).build();
    return LedgerOrigin.on(database.url(), config);
  }

  /** With what the first try enters. */
  enum Begin {
    ALONE,
    WITH_STATEMENT,
    /** The statement and the result. */
    WITH_ALL
  }

  /** Writes the database. */
  private record Writing(Begin begin) implements Scenario.World {
    @Override
    public void work(ToolCall call, ToolResult result) {
      if (begin == Begin.WITH_ALL) {
        LedgerDatabase.effect(call, result);
      } else {
        LedgerDatabase.effect(call);
      }
    }

    @Override
    public void die(ToolCall call) throws SQLException {
      database.killSession(call);
    }

    @Override
    public LedgerOrigin restart(LedgerOrigin killed) {
      killed.crash();
      killed.close();
      return origin();
    }

    @Override
    public void forget(Scenario scenario) {
      database
          .jdbi()
          .useHandle(
              h -> {
                h.execute(
                    "update tool_call set expires_at = now() - interval '1 s' where call_id = ?",
                    scenario.call().key().id());
                h.execute("select ledger_clean(500)");
              });
    }

    @Override
    public Tool tool(Scenario scenario) {
      Tool tool = LedgerOrigin.tool(Effect.WRITES_DATABASE, scenario::run);
      return begin == Begin.ALONE ? tool : tool.withStatementFirst();
    }
  }

  /** Acts outside, and counts how often. */
  private static final class Acting implements Scenario.World {
    private final AtomicInteger outside = new AtomicInteger();

    @Override
    public void work(ToolCall call, ToolResult result) {
      outside.incrementAndGet();
    }

    @Override
    public void die(ToolCall call) {
      throw new IllegalStateException("the service has gone away");
    }

    @Override
    public LedgerOrigin restart(LedgerOrigin killed) {
      killed.crash();
      killed.close();
      return origin();
    }

    @Override
    public void forget(Scenario scenario) {
      throw new IllegalStateException("Not played with what acts outside");
    }

    @Override
    public Tool tool(Scenario scenario) {
      return LedgerOrigin.tool(Effect.ACTS_OUTSIDE, scenario::run);
    }
  }
}
