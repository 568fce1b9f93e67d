package com.mcpist.deploy.secrets;

import module java.base;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.SecretQuery.RunningSecrets;
import com.mcpist.deploy.secrets.SecretQuery.State;
import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.time.Deadline;

/** Brings the source's values to one program at a time: the pair never stops. */
public record Sync(SecretSite site, Source source, ChangeOptions options, Watcher watcher) {
  private static final Duration LOOK = Duration.ofSeconds(15);

  public record SecretResult(
      @JsonProperty("holder") String program, String secret, Result result, String detail) {}

  public enum Result {
    CREATED,
    /** It had another value, or the program did not run with it. */
    CHANGED,
    UNCHANGED,
    FAILED
  }

  private record Due(Program program, RunningSecrets running, Map<String, Secret> differing) {
    /** Those that do not differ are unchanged in any case. */
    List<SecretResult> results(Function<String, Result> differs, String detail) {
      return program.names().stream()
          .map(
              name ->
                  differing.containsKey(name)
                      ? new SecretResult(program.name(), name, differs.apply(name), detail)
                      : new SecretResult(program.name(), name, Result.UNCHANGED, ""))
          .toList();
    }

    List<SecretResult> unchanged() {
      return results(_ -> Result.UNCHANGED, "");
    }

    List<SecretResult> failed(String why) {
      return results(_ -> Result.FAILED, why);
    }

    boolean isOrigin() {
      return program.origin().isPresent();
    }
  }

  public List<SecretResult> preview() throws InterruptedException {
    List<SecretResult> results = new ArrayList<>();
    for (Due due : due()) {
      results.addAll(preview(due));
    }
    return results;
  }

  private List<SecretResult> preview(Due due) throws InterruptedException {
    try {
      Set<String> stored =
          due.differing().isEmpty() ? Set.of() : due.program().store().secretNames(site.in(LOOK));
      return due.results(name -> stored.contains(name) ? Result.CHANGED : Result.CREATED, "");
    } catch (PlatformException e) {
      return due.failed(String.valueOf(e.getMessage()));
    }
  }

  /** For each secret in each place: after a failure the others follow as far as is safe. */
  public List<SecretResult> run() throws InterruptedException {
    watcher.step("Asking what runs");
    List<Due> all = due();
    if (all.stream().allMatch(due -> due.differing().isEmpty())) {
      return all.stream().flatMap(due -> due.unchanged().stream()).toList();
    }
    try (SecretDelivery delivery =
        new SecretDelivery(site, List.of(site.access()), options, "secrets sync", watcher)) {
      List<SecretResult> results = new ArrayList<>();
      boolean failed = false;
      for (Due due : all) {
        delivery.check();
        // An origin that does not come back is the one that must not be joined by another.
        boolean restarts = options.restart() && due.isOrigin();
        List<SecretResult> seen =
            failed && restarts
                ? due.failed("left as it is, since something before it has failed")
                : bring(due, delivery);
        failed |= restarts && seen.stream().anyMatch(one -> one.result() == Result.FAILED);
        results.addAll(seen);
      }
      return results;
    }
  }

  private List<SecretResult> bring(Due due, SecretDelivery delivery) throws InterruptedException {
    if (due.differing().isEmpty()) {
      return due.unchanged();
    }
    watcher.step("Bringing secrets to " + due.program().name());
    try {
      Map<String, SecretChange> changes = delivery.deliver(due.program(), due.differing());
      return due.results(
          name -> changes.get(name) == SecretChange.CREATED ? Result.CREATED : Result.CHANGED,
          !options.restart() && due.isOrigin()
              ? "stored: it runs with it from its next start on"
              : "");
    } catch (DeployException | PlatformException e) {
      watcher.failed(String.valueOf(e.getMessage()));
      return due.failed(String.valueOf(e.getMessage()));
    }
  }

  private List<Due> due() throws InterruptedException {
    Set<String> names = site.names();
    Map<String, Secret> values = source.values(names);
    for (String name : names) {
      if (source.find(Source.next(name)).isPresent()) {
        throw new DeployException(
            "a rotation of %s is under way: there is a %s. Finish it: mcpist secrets rotate %s"
                .formatted(name, Source.next(name), name));
      }
    }
    Deadline deadline = site.in(LOOK);
    List<Due> all = Concurrently.each(site.programs(), program -> due(program, values, deadline));
    if (!options.force()) {
      refuseOtherSecrets(all.stream().filter(Due::isOrigin).toList());
    }
    return all;
  }

  private Due due(Program program, Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    RunningSecrets running = program.query().ask(List.of(site.access()), program.names(), deadline);
    Map<String, Secret> differing = new TreeMap<>();
    for (String name : program.names()) {
      Secret value = Objects.requireNonNull(values.get(name));
      if (!running.runs(name, value)) {
        differing.put(name, value);
      }
    }
    return new Due(program, running, differing);
  }

  private static void refuseOtherSecrets(List<Due> origins) {
    // Where all origins know another gateway secret, the edge shows them that one: to give them
    // the source's one after the other would have calls refused in between.
    String others =
        origins.stream()
            .filter(origin -> origin.running().state() == State.OTHER_GATEWAY_SECRET)
            .map(origin -> origin.program().name())
            .collect(Collectors.joining(" and "));
    if (!others.isEmpty() && origins.stream().noneMatch(origin -> origin.running().answered())) {
      throw new DeployException(
          others
              + " know another GATEWAY_SECRET, and so may the edge: changed one by one they would"
              + " refuse calls. Put the value that runs back into GitHub and rotate it, or go on"
              + " with --force");
    }
    // Where all know another admin token, none lets the lock be taken or shows what it has.
    if (origins.stream().allMatch(origin -> origin.running().state() == State.OTHER_ADMIN_TOKEN)) {
      throw new DeployException(
          "the origins know another ADMIN_TOKEN. Put the value that they have back into GitHub and"
              + " rotate it; or, where nobody has it any more, go on with --force, without the"
              + " deployment lock");
    }
  }
}
