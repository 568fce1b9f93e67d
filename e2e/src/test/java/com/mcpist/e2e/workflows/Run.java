package com.mcpist.e2e.workflows;

import com.mcpist.e2e.workflows.WorkflowFile.Step;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What came of a workflow.
 *
 * @param code act's exit code: 0 where every job that ran has succeeded
 * @param events what act has logged, a line each
 */
record Run(int code, List<JsonNode> events) {
  private static final Set<String> RAN = Set.of("success", "failure");

  Run {
    events = List.copyOf(events);
  }

  /** The steps of workflows that have run, those of actions aside, in the order of their ends. */
  Set<Step> steps() {
    return events.stream()
        .filter(event -> event.path("stage").asString("").equals("Main"))
        .filter(event -> RAN.contains(event.path("stepResult").asString("")))
        .filter(event -> event.path("stepID").size() == 1)
        .map(
            event ->
                new Step(
                    workflow(event),
                    event.path("jobID").asString(""),
                    event.path("stepID").path(0).asString("")))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** A job of a workflow that is called has the caller's name before its workflow's. */
  private static String workflow(JsonNode event) {
    List<String> names = List.of(event.path("job").asString("").split("/"));
    return names.get(names.size() - 2);
  }

  /** How a job of a workflow has ended; empty where it was skipped. */
  Optional<String> result(String workflow, String job) {
    return events.stream()
        .filter(event -> event.path("jobID").asString("").equals(job) && event.has("jobResult"))
        .filter(event -> workflow(event).equals(workflow))
        .map(event -> event.path("jobResult").asString(""))
        .findFirst();
  }

  /** The jobs that have run, each with how it ended, as {@code deploy/find success}. */
  List<String> jobs() {
    return events.stream()
        .filter(event -> event.has("jobResult"))
        .map(
            event ->
                "%s/%s %s"
                    .formatted(
                        workflow(event),
                        event.path("jobID").asString(""),
                        event.path("jobResult").asString("")))
        .toList();
  }

  /** What was written to the run's page. */
  String summary() {
    return of("content");
  }

  /** What was written to the log. */
  String log() {
    return of("msg");
  }

  /** Both, as a person sees them. */
  String all() {
    return log() + "\n" + summary();
  }

  private String of(String field) {
    Stream<String> texts = events.stream().map(event -> event.path(field).asString(""));
    return texts.filter(text -> !text.isEmpty()).collect(Collectors.joining("\n"));
  }
}
