package com.mcpist.cli.setup;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.doctor.Doctor;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.doctor.Doctor.Diagnosis.Grade;
import com.mcpist.deploy.time.Time;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "doctor",
    description = {
      "Looks at everything that a deployment on platforms needs (the file, secrets, tokens, image"
          + " and who may pull and write it, platforms, origins, digests, who may call, Cloudflare"
          + " and the zone's settings, edge), and says what to do about what is missing. It changes"
          + " nothing.",
      "",
      "With --json: an array of {\"grade\": \"good|weak|bad\", \"subject\", \"seen\", \"advice\"}.",
      "",
      "Exit code 1: something is bad. What is weak works, and something is missing that one may"
          + " want."
    },
    footer = {"  mcpist doctor", "  mcpist doctor --json | jq '.[].advice'"})
public final class DoctorCommand extends SiteCommand {
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    Deployment deployment = deployment();
    if (isLocal()) {
      throw Failure.usage(
          "there is no deployment on platforms: `mcpist init` writes its mcpist.yml. The pair on"
              + " this machine has `mcpist verify`.");
    }
    try (Progress progress = output.progress()) {
      progress.step("Looking");
      List<Diagnosis> found =
          new Doctor(deployment, System.getenv(), platforms(), progress::detail, Time.system())
              .examine();
      progress.done();
      output.print(
          () -> found,
          terminal ->
              found.stream()
                  .map(one -> text(one, terminal))
                  .collect(Collectors.joining("", "\n", "")));
      return code(found.stream().noneMatch(one -> one.grade() == Grade.BAD));
    }
  }

  private static String text(Diagnosis one, Terminal terminal) {
    String sign = one.grade() == Grade.WEAK ? "!" : terminal.sign(one.grade() == Grade.GOOD);
    return "%s %s: %s\n".formatted(terminal.colouredSign(sign), one.subject(), one.seen())
        + (one.advice().isEmpty() ? "" : "    " + one.advice() + ".\n");
  }
}
