package com.mcpist.cli.alert;

import module java.base;

import com.mcpist.cli.console.CommandGroup;
import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.config.Deployment.Alert;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "alerts",
    description = {
      "Tries the webhooks of `alerts` in mcpist.yml.",
      "",
      "The origins tell these webhooks what fails."
    },
    subcommands = AlertsCommand.Test.class,
    footer = "  mcpist alerts test")
public final class AlertsCommand extends CommandGroup {
  @Command(
      name = "test",
      description = {
        "Sends a test message to each webhook, or to one.",
        "",
        "An origin sends it, and the command prints what the webhook answered.",
        "",
        "Exit code 1: a webhook did not accept it."
      },
      footer = {"  mcpist alerts test", "  mcpist alerts test team"})
  static final class Test extends SiteCommand {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    @Parameters(
        paramLabel = "NAME",
        arity = "0..1",
        description = "The alert's name in mcpist.yml (default: all).")
    private @Nullable String name;

    @Override
    public Integer call() throws Exception {
      List<String> known =
          deployment().alerts().orElse(List.of()).stream().map(Alert::name).toList();
      if (known.isEmpty()) {
        throw Failure.usage("mcpist.yml has no alerts. Add `alerts`: docs/operations/alerts.md");
      }
      if (name != null && !known.contains(name)) {
        throw Failure.unknown("there is no alert", name, known);
      }
      AdminPath admin = Place.open(this, Place.NOBODY).admin("the origins send the alerts.");
      boolean good = true;
      for (String alert : name == null ? known : List.of(name)) {
        String answer = admin.testAlert(alert, Deadline.in(LIMIT, Time.system()));
        Output.print(alert + ": " + answer + "\n");
        good &= answer.matches("HTTP 2\\d\\d");
      }
      return code(good);
    }
  }
}
