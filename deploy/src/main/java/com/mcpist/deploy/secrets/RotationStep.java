package com.mcpist.deploy.secrets;

import com.mcpist.deploy.secrets.SecretQuery.SecretState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A step of a rotation.
 *
 * @param program where; empty where it is about no program
 * @param done whether an earlier run of the same rotation has done it
 */
public record RotationStep(Action action, String program, boolean done) {
  /** What is done. In this order no call is refused, wherever it is broken off. */
  public enum Action {
    MAKE,
    ACCEPT,
    USE,
    VERIFY,
    PROMOTE,
    SETTLE,
    RETIRE,
    CONFIRM,
    FORGET;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * All steps, those that are done among them.
   *
   * @param made whether there is a value to come
   * @param promoted whether the source's own value is that one already
   * @param accepting who is asked with the secret and can know two values; in order
   * @param using who uses it; in order
   */
  static List<RotationStep> plan(
      boolean made,
      boolean promoted,
      Map<String, SecretState> accepting,
      Map<String, SecretState> using) {
    List<RotationStep> steps = new ArrayList<>();
    steps.add(new RotationStep(Action.MAKE, "", made));
    // Everybody who is asked knows the new one before anybody shows it; once the source has it,
    // everybody knew it before.
    accepting.forEach(
        (program, state) ->
            steps.add(
                new RotationStep(
                    Action.ACCEPT,
                    program,
                    promoted || state == SecretState.BOTH || state == SecretState.NEW)));
    addEach(steps, Action.USE, using);
    boolean used = allNew(using);
    steps.add(new RotationStep(Action.VERIFY, "", promoted && used));
    steps.add(new RotationStep(Action.PROMOTE, "", promoted));
    if (!accepting.isEmpty()) {
      // Nobody shows the old one any more before anybody forgets it.
      boolean over = used && allNew(accepting);
      using.keySet().forEach(program -> steps.add(new RotationStep(Action.SETTLE, program, over)));
      addEach(steps, Action.RETIRE, accepting);
      steps.add(new RotationStep(Action.CONFIRM, "", false));
    }
    steps.add(new RotationStep(Action.FORGET, "", false));
    return List.copyOf(steps);
  }

  private static void addEach(
      List<RotationStep> steps, Action action, Map<String, SecretState> programs) {
    programs.forEach(
        (program, state) -> steps.add(new RotationStep(action, program, state == SecretState.NEW)));
  }

  private static boolean allNew(Map<String, SecretState> programs) {
    return programs.values().stream().allMatch(state -> state == SecretState.NEW);
  }

  public String told(String secret, String source) {
    return switch (action) {
      case MAKE -> "Making a new " + secret + ", kept by " + source + " as " + Source.next(secret);
      case ACCEPT -> "Letting " + program + " accept the old and the new one";
      case USE -> "Letting " + program + " use the new one";
      case VERIFY -> "Verifying the new one";
      case PROMOTE -> "Making it " + source + "'s " + secret;
      case SETTLE -> "Waiting for what " + program + " has begun with the old one";
      case RETIRE -> "Letting " + program + " accept the new one alone";
      case CONFIRM -> "Confirming that the old one lets nobody in";
      case FORGET -> "Deleting " + source + "'s " + Source.next(secret);
    };
  }
}
