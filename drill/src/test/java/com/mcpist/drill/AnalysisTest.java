package com.mcpist.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.drill.Analysis.CallRecord;
import com.mcpist.drill.Analysis.Injection;
import com.mcpist.drill.tool.CountingMounts;
import com.mcpist.drill.tool.CountingMounts.Transport;
import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.drill.tool.Tally;
import com.mcpist.drill.tool.Told;
import com.mcpist.drill.tool.Told.Word;
import com.mcpist.drill.tool.Tool;
import com.mcpist.pair.database.DatabaseUrl;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instants are in milliseconds here. */
class AnalysisTest {
  private static final Callee MEMORY =
      new Callee.Memory(new SavedRows(new DatabaseUrl("postgres://localhost/drill")));

  private final List<CallRecord> calls = new ArrayList<>();
  private final Map<String, Integer> saved = new HashMap<>();

  @Test
  void whatIsAnsweredAndNotThereIsLost() {
    done("a", 0, 1, "one");
    done("b", 0, 1, "one");
    saved.put("a", 1);

    Report report = report(Fault.KILL);
    assertThat(report.lost()).isEqualTo(1);
    assertThat(report.failed()).isZero();
    assertThat(report.passed()).isFalse();
  }

  @Test
  void whatIsThereTwiceRanTwice() {
    done("a", 0, 1, "one");
    saved.put("a", 2);
    assertThat(report(Fault.KILL).duplicated()).isEqualTo(1);
    assertThat(report(Fault.KILL).passed()).isFalse();
  }

  @Test
  void callsThatAreAlikeAreEachToBeThere() {
    for (int i = 0; i < 3; i++) {
      calls.add(record("count", false, 0, 1, "one"));
    }
    saved.put("count", 2);
    assertThat(report(Fault.CLIENT).lost()).isEqualTo(1);
    saved.put("count", 3);
    assertThat(report(Fault.CLIENT).passed()).isTrue();
    saved.put("count", 5);
    assertThat(report(Fault.CLIENT).duplicated()).isEqualTo(2);
  }

  @Test
  void aFailedCallIsFailedAndNotLost() {
    failed("a", false);
    Report report = report(Fault.DATABASE);
    assertThat(report.failed()).isEqualTo(1);
    assertThat(report.lost()).isZero();
    assertThat(report.duplicated()).isZero();
    assertThat(report.failures()).containsExactly(Map.entry("it failed", 1));
    assertThat(report.passed()).isFalse();
  }

  @Test
  void aFailedCallThatMayBeSentAgainAndHasAnEffectCountsAsRunTwice() {
    failed("promised", true);
    failed("kept", true);
    failed("unknown", false);
    saved.put("promised", 1);
    saved.put("unknown", 1);

    assertThat(report(Fault.DATABASE).duplicated()).isEqualTo(1);
  }

  @Test
  void anUnknownOutcomeIsAFailureUnlessTheToolMayNotRunAgain(@TempDir Path folder)
      throws Exception {
    calls.add(failed("a 1", Word.UNKNOWN, "it is unknown"));
    calls.add(failed("a 2", Word.NOTHING, "it failed"));
    Settings settings = new Settings(Duration.ZERO, Duration.ZERO, 0);
    try (CountingMounts mounts = CountingMounts.start(folder, settings)) {
      Report once = report(Tool.ONCE, mounts, new Tally(0, 0, 0));
      assertThat(once.unknown()).isEqualTo(1);
      assertThat(once.failed()).isEqualTo(1);
      assertThat(once.failures()).containsExactly(Map.entry("it failed", 1));
      assertThat(once.tool()).isEqualTo("once");
      assertThat(once.transport()).isEqualTo("http");
      calls.removeLast();
      assertThat(report(Tool.ONCE, mounts, new Tally(0, 0, 0)).passed()).isTrue();
      assertThat(report(Tool.ONCE, mounts, new Tally(0, 0, 1)).passed()).isFalse();

      Report idempotent = report(Tool.IDEMPOTENT, mounts, new Tally(0, 0, 0));
      assertThat(idempotent.unknown()).isZero();
      assertThat(idempotent.failed()).isEqualTo(1);
      assertThat(idempotent.passed()).isFalse();
    }
  }

  private Report report(Tool tool, CountingMounts mounts, Tally tally) {
    Callee callee = new Callee.Mounted(tool, Transport.HTTP, mounts);
    return Analysis.report(Fault.KILL, callee, calls, List.of(), tally);
  }

  @Test
  void aCallWasInFlightOnlyWhenItBeganBeforeAndEndedAfterTheWholeInjection() {
    saveAll("before", 0, 10, "one");
    saveAll("across", 5, 40, "two");
    saveAll("ended during it", 5, 25, "one");
    saveAll("began during it", 25, 40, "two");
    saveAll("after", 31, 40, "two");

    Report report = report(Fault.KILL, injection("one", true, 0, 20, 30, 30));
    assertThat(report.inFlight()).isEqualTo(1);
    assertThat(report.faultsInFlight()).isEqualTo(1);
    assertThat(report.passed()).isTrue();
  }

  @Test
  void percentilesAreOfTheCallsAtFullSpeedAndTheLongestOfAll() {
    for (int i = 1; i <= 100; i++) {
      saveAll("c" + i, 0, i, "one");
    }
    calls.add(record("paced", true, 0, 500, "one"));
    saved.put("paced", 1);

    Report report = report(Fault.KILL);
    assertThat(report.p50Millis()).isEqualTo(50);
    assertThat(report.p99Millis()).isEqualTo(99);
    assertThat(report.maxMillis()).isEqualTo(500);
    assertThat(report.calls()).isEqualTo(101);
  }

  @Test
  void beforeIsBeforeTheFaultOfTheRoundAndAfterIsWhenAnotherHadTakenOver() {
    saveAll("before 1", 0, 5, "one");
    saveAll("met", 8, 108, "two");
    saveAll("began before the switch", 50, 120, "two");
    saveAll("after 1", 110, 117, "two");
    saveAll("before 2", 1000, 1009, "two");
    saveAll("met 2", 1015, 1100, "one");
    saveAll("after 2", 1101, 1112, "one");

    Report report =
        report(
            Fault.HANG,
            injection("one", true, 0, 10, 12, 200),
            injection("two", false, 1000, 1020, 1022, 1200));
    assertThat(report.p99BeforeMillis()).isEqualTo(9);
    assertThat(report.p99AfterMillis()).isEqualTo(11);
    assertThat(report.failoverMillis()).as("from the fault: 10 to 108").isEqualTo(98);
  }

  @Test
  void thePrimaryIsBackOnceItHasAnsweredACallThatBeganAfterTheFault() {
    saveAll("met", 0, 100, "two");
    saveAll("late answer from before", 90, 210, "one");
    saveAll("standby", 205, 220, "two");
    saveAll("in the next round", 2000, 2010, "one");

    Report report =
        report(
            Fault.HANG,
            injection("one", true, 0, 10, 11, 200),
            injection("two", false, 1000, 1010, 1011, 1200));
    assertThat(report.failbackMillis()).isEqualTo(1810);
  }

  @Test
  void withoutAFaultOfThePrimaryNothingComesBack() {
    saveAll("met", 0, 100, "one");
    assertThat(report(Fault.KILL, injection("two", false, 0, 10, 11, 11)).failbackMillis())
        .isNull();
  }

  @Test
  void whereTheOriginCanGoOnItsOwnAnswerEndsTheFault() {
    saveAll("met", 0, 30, "one");
    saveAll("began after it", 22, 45, "one");

    Injection injection = injection("one", true, 0, 20, 21, 21);
    assertThat(report(Fault.RESET, injection).failoverMillis()).isEqualTo(25);
    assertThat(report(Fault.DATABASE, injection).failoverMillis()).isEqualTo(25);
    assertThat(report(Fault.KILL, injection).failoverMillis()).isNull();
  }

  @Test
  void withoutCallsThereIsNothingToMeasure() {
    Report report = report(Fault.KILL);
    assertThat(report.p50Millis()).isNull();
    assertThat(report.maxMillis()).isNull();
    assertThat(report.p99AfterMillis()).isNull();
  }

  private Report report(Fault fault, Injection... injections) {
    List<Told> told = calls.stream().map(CallRecord::told).toList();
    return Analysis.report(fault, MEMORY, calls, List.of(injections), Tally.of(told, saved));
  }

  private void saveAll(String title, long start, long end, String origin) {
    done(title, start, end, origin);
    saved.put(title, 1);
  }

  private void done(String title, long start, long end, String origin) {
    calls.add(record(title, false, start, end, origin));
  }

  private void failed(String title, boolean again) {
    calls.add(failed(title, again ? Word.NOT_RUN : Word.NOTHING, "it failed"));
  }

  private static CallRecord failed(String title, Word word, String said) {
    return new CallRecord(new Told(title, word, 0), false, 0, nanos(1), null, said);
  }

  private static CallRecord record(
      String title, boolean paced, long start, long end, @Nullable String origin) {
    Told told = new Told(title, Word.DONE, 0);
    return new CallRecord(told, paced, nanos(start), nanos(end), origin, null);
  }

  private static Injection injection(
      String origin, boolean primary, long round, long from, long by, long until) {
    return new Injection(origin, primary, nanos(round), nanos(from), nanos(by), nanos(until));
  }

  private static long nanos(long millis) {
    return millis * 1_000_000;
  }
}
