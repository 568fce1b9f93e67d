package com.mcpist.cli.setup;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.console.Wrap;
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
      "Checks what a deployment on platforms needs, and says what to do.",
      "",
      "It looks at the file, secrets, tokens, the image and who may pull and write it,"
          + " platforms, origins and their connections to the database, digests, who may call,"
          + " Cloudflare and the zone's settings, and the edge. It changes nothing.",
      "",
      "--json prints an array of {\"grade\": \"good|weak|bad\", \"subject\", \"seen\","
          + " \"advice\"}.",
      "",
      "Exit code 1: something is bad. What is weak works, and could be better."
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

  static String text(Diagnosis one, Terminal terminal) {
    String sign = one.grade() == Grade.WEAK ? "!" : terminal.sign(one.grade() == Grade.GOOD);
    String seen = Wrap.paragraph(one.subject() + ": " + one.seen(), 1 + sign.length());
    String advice = one.advice().isEmpty() ? "" : "    " + Wrap.paragraph(one.advice() + ".", 4);
    return terminal.colouredSign(sign) + " " + seen + advice;
  }
}
