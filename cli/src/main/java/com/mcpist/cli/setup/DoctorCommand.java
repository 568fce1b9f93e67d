package com.mcpist.cli.setup;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.console.Terminal;
import com.mcpist.cli.site.SiteOptions;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.doctor.Diagnosis;
import com.mcpist.deploy.doctor.Diagnosis.Grade;
import com.mcpist.deploy.doctor.Doctor;
import com.mcpist.deploy.time.Time;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

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
    footer = {"", "Examples:", "  mcpist doctor", "  mcpist doctor --json | jq '.[].advice'"})
public final class DoctorCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    Deployment deployment = where.deployment();
    if (where.isLocal()) {
      throw Failure.usage(
          "there is no deployment on platforms: `mcpist init` writes its mcpist.yml. The pair on"
              + " this machine has `mcpist verify`.");
    }
    Terminal terminal = Terminal.detect();
    List<Diagnosis> found;
    try (Progress progress = new Progress(terminal, output.progress())) {
      progress.step("Looking");
      found =
          new Doctor(
                  deployment,
                  System.getenv(),
                  SiteOptions.platforms(),
                  progress::detail,
                  Time.system())
              .examine();
      progress.done();
    }
    output.print(() -> json(found), () -> "\n" + text(found, terminal));
    return found.stream().anyMatch(one -> one.grade() == Grade.BAD)
        ? ExitCode.SOFTWARE
        : ExitCode.OK;
  }

  private static String text(List<Diagnosis> found, Terminal terminal) {
    StringBuilder text = new StringBuilder();
    for (Diagnosis one : found) {
      String sign = one.grade() == Grade.WEAK ? "!" : terminal.sign(one.grade() == Grade.GOOD);
      text.append(terminal.colouredSign(sign))
          .append(" %s: %s\n".formatted(one.subject(), one.seen()));
      if (!one.advice().isEmpty()) {
        text.append("    ").append(one.advice()).append(".\n");
      }
    }
    return text.toString();
  }

  private static String json(List<Diagnosis> found) {
    ArrayNode all = JsonMapper.shared().createArrayNode();
    for (Diagnosis one : found) {
      all.addObject()
          .put("grade", Output.word(one.grade()))
          .put("subject", one.subject())
          .put("seen", one.seen())
          .put("advice", one.advice());
    }
    return all.toString();
  }
}
