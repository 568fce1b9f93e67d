package com.mcpist.e2e.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Canary;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.CommandLines;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A pair on this machine makes its own secrets, and other ones while it runs: nobody sees any. */
class LocalSecretsIT {
  private static final Set<String> NAMES =
      Set.of(
          "GATEWAY_SECRET",
          "ADMIN_TOKEN",
          "EDGE_ADMIN_TOKEN",
          "DATABASE_URL",
          "MIGRATION_DATABASE_URL");

  @Test
  @Tag("long")
  void aRotationLeavesNoTraceOfAnyValue() throws Exception {
    try (CommandLines processes = CommandLines.watched();
        Pair pair = Pair.prepare(Map.of())) {
      StringBuilder said = new StringBuilder(pair.start().all());
      pair.awaitSettled();
      Map<String, Canary> canaries = new LinkedHashMap<>(canaries(pair));
      Set<String> before = new TreeSet<>(canaries.keySet());

      said.append(secrets(pair, "check", "--json").all());
      said.append(secrets(pair, "rotate", "GATEWAY_SECRET", "--dry-run", "--json").all());
      Command.Result rotated = secrets(pair, "rotate", "GATEWAY_SECRET", "--verbose");
      said.append(rotated.all());
      assertThat(rotated.code()).as(rotated.all()).isZero();
      canaries.putAll(canaries(pair));
      assertThat(canaries).as("there is another one").hasSizeGreaterThan(before.size());
      said.append(pair.run("status", "--json").all()).append(pair.run("logs").all());

      assertThat(Canary.found(canaries.values(), said.toString(), processes, pair.home()))
          .isEmpty();
      assertThat(processes.all()).contains("com.mcpist.cli.Main\0secrets\0rotate");
    }
  }

  private static Command.Result secrets(Pair pair, String... arguments) throws IOException {
    String[] line =
        Stream.of(
                Stream.of(Root.PATH.resolve("mcpist").toString(), "secrets"),
                Stream.of(arguments),
                Stream.of("--data", pair.data().toString()))
            .flatMap(part -> part)
            .toArray(String[]::new);
    return Command.run(Root.process(pair.home(), line));
  }

  /** What its programs have in their environments, by name and value. */
  private static Map<String, Canary> canaries(Pair pair) throws IOException {
    Map<String, Canary> canaries = new LinkedHashMap<>();
    for (ProcessHandle process : pair.processes()) {
      for (String variable : environment(process.pid()).split("\0", -1)) {
        String[] parts = variable.split("=", 2);
        if (parts.length == 2 && NAMES.contains(parts[0])) {
          for (String value : values(parts[0], parts[1])) {
            canaries.put(parts[0] + " " + value, Canary.known(parts[0], value));
          }
        }
      }
    }
    return canaries;
  }

  private static String environment(long pid) throws IOException {
    try {
      return Files.readString(
          Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException _) {
      return ""; // It has ended meanwhile.
    }
  }

  private static List<String> values(String name, String value) {
    return name.endsWith("DATABASE_URL")
        ? List.of(value.replaceFirst("[^:]*://[^:]*:([^@]*)@.*", "$1"))
        : List.of(value.split(",", -1));
  }
}
