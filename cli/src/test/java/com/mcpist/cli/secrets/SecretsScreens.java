package com.mcpist.cli.secrets;

import com.mcpist.cli.Screen;
import com.mcpist.cli.secrets.SecretsCommand.SecretsReport;
import com.mcpist.deploy.secrets.Comparison.Drift;
import com.mcpist.deploy.secrets.Rotation.RotationStep;
import com.mcpist.deploy.secrets.Rotation.RotationStep.Action;
import com.mcpist.deploy.secrets.Sync.Result;
import com.mcpist.deploy.secrets.Sync.SecretResult;
import java.util.List;

/** What `secrets` shows. */
public final class SecretsScreens {
  private static final List<String> OLD =
      List.of("ADMIN_TOKEN has not been replaced for 200 days: mcpist secrets rotate ADMIN_TOKEN");

  private SecretsScreens() {}

  public static List<Screen> all() {
    return List.of(
        Screen.of("secrets check", SecretsReport.drift(drift(), OLD, Screen.TERMINAL)),
        Screen.of("secrets sync", SecretsReport.rows(rows(), false, Screen.TERMINAL)),
        Screen.of(
            "secrets rotate GATEWAY_SECRET --dry-run",
            SecretsReport.steps("GATEWAY_SECRET", steps(), "GitHub", true, Screen.TERMINAL)));
  }

  private static List<Drift> drift() {
    return List.of(
        new Drift("worker", "GATEWAY_SECRET", Drift.Kind.SAME, "", ""),
        new Drift(
            "koyeb-primary",
            "STRIPE_SECRET_KEY",
            Drift.Kind.DIFFERENT,
            "the origin runs with another value than the source has",
            "Bring it there: mcpist secrets sync"));
  }

  private static List<SecretResult> rows() {
    return List.of(
        new SecretResult("worker", "GATEWAY_SECRET", Result.UNCHANGED, ""),
        new SecretResult("koyeb-primary", "STRIPE_SECRET_KEY", Result.CHANGED, "restarted"));
  }

  private static List<RotationStep> steps() {
    return List.of(
        new RotationStep(Action.MAKE, "", true),
        new RotationStep(Action.ACCEPT, "koyeb-primary", true),
        new RotationStep(Action.USE, "worker", false),
        new RotationStep(Action.PROMOTE, "", false));
  }
}
