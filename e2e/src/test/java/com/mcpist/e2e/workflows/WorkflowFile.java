package com.mcpist.e2e.workflows;

import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A workflow, as its file has it. */
record WorkflowFile(String text, JsonNode yaml) {
  private static final Path FOLDER = Root.PATH.resolve(".github/workflows");
  private static final Pattern SECRET = Pattern.compile("\\bsecrets\\.([A-Z][A-Z0-9_]*)");

  /**
   * A step that runs a script.
   *
   * @param id its own, or which one of the job's steps it is, from 0
   */
  record Step(String workflow, String job, String id) {}

  /** All there are. */
  static List<WorkflowFile> all() throws IOException {
    List<WorkflowFile> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(FOLDER)) {
      for (Path file : files.sorted().toList()) {
        String text = Files.readString(file);
        all.add(new WorkflowFile(text, new YAMLMapper().readTree(text)));
      }
    }
    return all;
  }

  /** Every step that runs a script, in order. */
  List<Step> scripts() {
    List<Step> scripts = new ArrayList<>();
    String name = yaml.path("name").asString();
    yaml.path("jobs")
        .properties()
        .forEach(
            job -> {
              int number = 0;
              for (JsonNode step : job.getValue().path("steps")) {
                if (step.has("run")) {
                  String id = step.path("id").asString(Integer.toString(number));
                  scripts.add(new Step(name, job.getKey(), id));
                }
                number++;
              }
            });
    return scripts;
  }

  /** The secrets that it names. */
  Set<String> secrets() {
    Set<String> names = new TreeSet<>();
    SECRET.matcher(text).results().forEach(found -> names.add(found.group(1)));
    return names;
  }
}
