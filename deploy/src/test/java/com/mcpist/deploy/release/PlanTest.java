package com.mcpist.deploy.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.release.Order.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlanTest {
  private static final Plan.Origin PRIMARY =
      new Plan.Origin("a", true, false, false, false, true, "healthy");
  private static final Plan.Origin STANDBY =
      new Plan.Origin("b", true, false, false, false, false, "healthy");

  private static Plan.Origin broken(Plan.Origin origin) {
    return new Plan.Origin(
        origin.name(), false, false, origin.current(), false, origin.overlaps(), "HTTP 503");
  }

  private static Plan.Origin inPlace(String name) {
    return new Plan.Origin(name, true, false, false, false, false, "healthy");
  }

  private static Plan plan(Strategy strategy, boolean force, Plan.Origin... standings)
      throws DeployException {
    return Plan.of(List.of(standings), Set.of(), strategy, force);
  }

  @Test
  void bothAtOnceWhereOneOfThemServesAllTheWhile() throws Exception {
    assertThat(plan(Strategy.SIMULTANEOUS, false, PRIMARY, STANDBY).stages())
        .containsExactly(List.of("a", "b"));
  }

  @Test
  void oneAfterTheOtherWhereBothMustStop() throws Exception {
    assertThat(plan(Strategy.SIMULTANEOUS, false, inPlace("a"), inPlace("b")).stages())
        .containsExactly(List.of("b"), List.of("a"));
  }

  @Test
  void theStandbyFirst() throws Exception {
    assertThat(plan(Strategy.STANDBY_FIRST, false, PRIMARY, STANDBY).stages())
        .containsExactly(List.of("b"), List.of("a"));
  }

  @Test
  void whatHasItNeedsNothing() throws Exception {
    Plan.Origin done = new Plan.Origin("a", true, false, true, false, true, "healthy");

    assertThat(plan(Strategy.SIMULTANEOUS, false, done, STANDBY).origins()).containsExactly("b");
    assertThat(Plan.of(List.of(done), Set.of(), Strategy.SIMULTANEOUS, false).isEmpty()).isTrue();
  }

  @Test
  void refusedWhereNobodyWouldServe() {
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> plan(Strategy.SIMULTANEOUS, false, PRIMARY, broken(STANDBY)))
        .withMessageContaining("b is not healthy: HTTP 503. While a changes");
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> plan(Strategy.SIMULTANEOUS, false, STANDBY))
        .withMessageContaining("there is no other origin");
  }

  @Test
  void whatTheEdgeSendsNothingIsNobodysCover() {
    Plan.Origin drained = new Plan.Origin("a", true, true, false, false, true, "healthy");

    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> plan(Strategy.SIMULTANEOUS, false, drained, STANDBY))
        .withMessageContaining("a is drained. While b changes");
  }

  private static Plan.Origin busy(Plan.Origin origin) {
    return new Plan.Origin(
        origin.name(), origin.healthy(), false, true, true, origin.overlaps(), "healthy");
  }

  private static Plan partOfRun(String only, Plan.Origin... standings) throws Exception {
    return Plan.of(List.of(standings), Set.of(only), Strategy.SIMULTANEOUS, false);
  }

  /** Two commands of one run must not stop both of the origins that serve. */
  @Test
  void ofTwoThatAreChangedInPlaceTheLastGoesFirst() throws Exception {
    assertThat(partOfRun("c", busy(STANDBY), inPlace("c")).origins()).containsExactly("c");
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> partOfRun("b", STANDBY, busy(inPlace("c"))))
        .withMessageContaining("c is yet to be changed by another command of this run. While b");
    assertThat(partOfRun("b", STANDBY, inPlace("c")).origins()).containsExactly("b");
  }

  @Test
  void whatServesAllTheWhileNeedsNotWaitForOthers() throws Exception {
    assertThat(partOfRun("a", PRIMARY, busy(STANDBY)).origins()).containsExactly("a");
    assertThat(partOfRun("b", PRIMARY, STANDBY, busy(inPlace("c"))).origins()).containsExactly("b");
    assertThatExceptionOfType(DeployException.class)
        .isThrownBy(() -> partOfRun("b", broken(PRIMARY), STANDBY, busy(inPlace("c"))))
        .withMessageContaining("a is not healthy");
  }

  /** Three: of those that must stop first, one at a time, beside the one that overlaps. */
  @Test
  void ofThreeNoTwoAreAwayAtOnce() throws Exception {
    assertThat(plan(Strategy.SIMULTANEOUS, false, PRIMARY, STANDBY, inPlace("c")).stages())
        .containsExactly(List.of("a", "c"), List.of("b"));
    assertThat(plan(Strategy.STANDBY_FIRST, false, PRIMARY, STANDBY, inPlace("c")).stages())
        .containsExactly(List.of("c"), List.of("b"), List.of("a"));
  }

  @Test
  void forcedTheBrokenOneIsFirst() throws Exception {
    assertThat(plan(Strategy.SIMULTANEOUS, true, broken(PRIMARY), STANDBY).stages())
        .containsExactly(List.of("a"), List.of("b"));
  }

  @Test
  void theBrokenOneAloneNeedsNoForce() throws Exception {
    Plan plan =
        Plan.of(List.of(broken(PRIMARY), STANDBY), Set.of("a"), Strategy.SIMULTANEOUS, false);

    assertThat(plan.stages()).containsExactly(List.of("a"));
  }

  /** Whatever the pair is like: everybody gets it once, and no stage stops all that serve. */
  @Test
  void noStageStopsAllThatServe() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      List<Plan.Origin> standings = standings(random);
      Strategy strategy = random.nextBoolean() ? Strategy.SIMULTANEOUS : Strategy.STANDBY_FIRST;
      try {
        Plan plan = Plan.of(standings, Set.of(), strategy, false);
        assertThat(plan.origins())
            .containsExactlyInAnyOrderElementsOf(
                standings.stream().filter(o -> !o.current()).map(Plan.Origin::name).toList());
        for (List<String> stage : plan.stages()) {
          assertThat(standings)
              .as("%s of %s", stage, standings)
              .anyMatch(o -> o.serves() && (o.overlaps() || !stage.contains(o.name())));
        }
      } catch (DeployException _) {
        assertThat(standings.stream().filter(Plan.Origin::serves)).hasSizeLessThan(2);
      }
    }
  }

  private static List<Plan.Origin> standings(Random random) {
    List<Plan.Origin> standings = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      standings.add(
          new Plan.Origin(
              "origin-" + i,
              random.nextInt(3) > 0,
              random.nextInt(5) == 0,
              random.nextInt(4) == 0,
              false,
              random.nextBoolean(),
              "so"));
    }
    return standings;
  }
}
