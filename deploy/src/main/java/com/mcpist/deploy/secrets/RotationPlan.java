package com.mcpist.deploy.secrets;

import com.mcpist.deploy.secrets.Step.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From where everybody stands to the steps of a rotation: pure. */
final class RotationPlan {
  private RotationPlan() {}

  /**
   * Where a rotation stands.
   *
   * @param made whether there is a value to come
   * @param promoted whether the source's own value is that one already
   * @param accepting who is asked with the secret and can know two values; in order
   * @param using who uses it; in order
   */
  record State(
      boolean made,
      boolean promoted,
      Map<String, Standing> accepting,
      Map<String, Standing> using) {}

  /** All steps, those that are done among them. */
  static List<Step> steps(State state) {
    List<Step> steps = new ArrayList<>();
    steps.add(new Step(Action.MAKE, "", state.made()));
    bringOut(state, steps);
    steps.add(new Step(Action.PROMOTE, "", state.promoted()));
    if (!state.accepting().isEmpty()) {
      takeBack(state, steps);
    }
    steps.add(new Step(Action.FORGET, "", false));
    return List.copyOf(steps);
  }

  /** Everybody who is asked knows the new one before anybody shows it. */
  private static void bringOut(State state, List<Step> steps) {
    state
        .accepting()
        .forEach(
            (holder, standing) -> {
              // Once the source has the new value, everybody knew it before.
              boolean known =
                  state.promoted() || standing == Standing.BOTH || standing == Standing.NEW;
              steps.add(new Step(Action.ACCEPT, holder, known));
            });
    state
        .using()
        .forEach(
            (holder, standing) ->
                steps.add(new Step(Action.USE, holder, standing == Standing.NEW)));
    steps.add(new Step(Action.VERIFY, "", state.promoted() && all(state.using(), Standing.NEW)));
  }

  /** Nobody shows the old one any more before anybody forgets it. */
  private static void takeBack(State state, List<Step> steps) {
    boolean over = all(state.accepting(), Standing.NEW) && all(state.using(), Standing.NEW);
    state.using().keySet().forEach(holder -> steps.add(new Step(Action.SETTLE, holder, over)));
    state
        .accepting()
        .forEach(
            (holder, standing) ->
                steps.add(new Step(Action.RETIRE, holder, standing == Standing.NEW)));
    steps.add(new Step(Action.CONFIRM, "", false));
  }

  private static boolean all(Map<String, Standing> standings, Standing wanted) {
    return standings.values().stream().allMatch(standing -> standing == wanted);
  }
}
