package com.mcpist.deploy.secrets;

import module java.base;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.SecretQuery.RunningSecrets;
import com.mcpist.deploy.secrets.SecretQuery.SecretState;
import com.mcpist.deploy.secrets.SecretQuery.State;
import com.mcpist.deploy.secrets.SecretSite.ChangeOptions;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.time.Deadline;

public final class Rotation {
  private static final Duration LOOK = Duration.ofSeconds(15);
  private static final Duration VERIFY_LOOK = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration SOURCE_LIMIT = Duration.ofSeconds(60);
  private static final int FORBIDDEN = 403;

  private final SecretSite site;
  private final Source source;
  private final SourceWriter writer;
  private final ChangeOptions options;
  private final Watcher watcher;
  private final String name;
  private final boolean isGateway;
  private final boolean isAdmin;

  /** What may be shown: the values of the beginning, and those to come once they are known. */
  private List<Access> shown;

  public Rotation(
      SecretSite site,
      Source source,
      SourceWriter writer,
      ChangeOptions options,
      Watcher watcher,
      String name) {
    this.site = site;
    this.source = source;
    this.writer = writer;
    this.options = options;
    this.watcher = watcher;
    this.name = name;
    this.isGateway = name.equals(Source.GATEWAY_SECRET);
    this.isAdmin = name.equals(Source.ADMIN_TOKEN);
    this.shown = List.of(site.access());
  }

  public Optional<AdminPath> admin() {
    return site.site().admin().map(path -> path.with(shown));
  }

  private record Values(Secret old, Secret next, boolean made) {
    boolean promoted() {
      return old.equals(next);
    }
  }

  public List<RotationStep> preview() throws InterruptedException {
    return plan(values());
  }

  /** Where it stops by an exception, calls go through all the same, and the next run goes on. */
  public List<RotationStep> run() throws InterruptedException {
    Values values = values();
    shown = accesses(values);
    try (SecretDelivery delivery =
        new SecretDelivery(site, shown, options, "rotation of " + name, watcher)) {
      watcher.step("Asking what runs");
      List<RotationStep> steps = plan(values);
      for (RotationStep step : steps) {
        if (!step.done()) {
          delivery.check();
          watcher.step(step.told(name, writer.told()));
          perform(step, values, delivery);
        }
      }
      return steps;
    } catch (PlatformException e) {
      throw new DeployException(String.valueOf(e.getMessage()), e);
    }
  }

  private Values values() {
    Optional<Secret> old = source.find(name);
    if (old.isEmpty()) {
      throw new DeployException(
          ("%s is not set: there is nothing to rotate. Set it in %s, and bring it to everybody:"
                  + " mcpist secrets sync")
              .formatted(name, writer.told()));
    }
    Optional<Secret> next = source.find(Source.next(name));
    if (next.isEmpty() && !Source.isShown(name)) {
      throw new DeployException(
          "%s is given by whoever runs that service: make another one there, set it in %s as %s, and"
                  .formatted(name, writer.told(), Source.next(name))
              + " run this again, which brings it to everybody");
    }
    return new Values(old.get(), next.orElseGet(Secret::random), next.isPresent());
  }

  private List<RotationStep> plan(Values values) throws InterruptedException {
    // The origins first: until the last step the Worker knows the token that is shown meanwhile.
    Map<String, SecretState> accepting = new LinkedHashMap<>();
    Map<String, SecretState> acceptingEdge = new LinkedHashMap<>();
    Map<String, SecretState> using = new LinkedHashMap<>();
    List<Program> concerned = concerned();
    List<RunningSecrets> running = Concurrently.each(concerned, program -> seen(program, values));
    for (int i = 0; i < concerned.size(); i++) {
      Program program = concerned.get(i);
      boolean isOrigin = program.origin().isPresent();
      SecretState state = running.get(i).state(name, values.old(), values.next());
      if (state == SecretState.OTHER && !values.promoted()) {
        throw anotherValue(program, running.get(i));
      }
      // An edge shows the gateway secret; everybody else is asked with what is shown.
      if (isAdmin || (isGateway && isOrigin)) {
        (isOrigin ? accepting : acceptingEdge).put(program.name(), state);
      } else {
        using.put(program.name(), state);
      }
    }
    accepting.putAll(acceptingEdge);
    if (isGateway && using.isEmpty()) {
      throw new DeployException(
          "mcpist.yml has no edge that could be given another GATEWAY_SECRET: with `cloudflare` it"
              + " is the Worker. An edge that you run yourself would show the old one, and its"
              + " calls be refused");
    }
    return RotationStep.plan(values.made(), values.promoted(), accepting, using);
  }

  /** One that is silent may be starting again, for a command that was killed as it did so. */
  private RunningSecrets seen(Program program, Values values) throws InterruptedException {
    Deadline limit = site.in(options.limit());
    Deadline patience = limit.another(limit.atMost(PATIENCE));
    boolean told = false;
    while (true) {
      RunningSecrets running =
          program.query().ask(accesses(values), List.of(name), patience.another(LOOK));
      if (running.state() != State.SILENT || patience.passed()) {
        return running;
      }
      if (!told) {
        watcher.origin(program.name(), "waiting until it answers");
        told = true;
      }
      patience.sleep(PAUSE);
    }
  }

  private DeployException anotherValue(Program program, RunningSecrets running) {
    return new DeployException(
        running.answered()
            ? "%s runs with another %s than %s has: mcpist secrets sync, and then this again"
                .formatted(program.name(), name, writer.told())
            : "%s does not show which %s it has: %s. Mend that first: mcpist secrets check"
                .formatted(program.name(), name, running.problem()));
  }

  private List<Program> concerned() {
    return site.programs().stream().filter(program -> program.names().contains(name)).toList();
  }

  private List<Access> accesses(Values values) {
    Access access = site.access();
    if (isGateway) {
      return List.of(access, new Access(values.next(), access.token()));
    }
    return isAdmin ? List.of(access, new Access(access.gateway(), values.next())) : List.of(access);
  }

  private void perform(RotationStep step, Values values, SecretDelivery delivery)
      throws InterruptedException {
    Secret next = values.next();
    switch (step.action()) {
      case MAKE -> writer.storeNext(name, next, site.in(SOURCE_LIMIT));
      case ACCEPT -> {
        Secret both = SecretQuery.both(values.old(), next);
        var _ = delivery.deliver(program(step), Map.of(name, both));
      }
      case USE, RETIRE -> {
        var _ = delivery.deliver(program(step), Map.of(name, next));
      }
      case VERIFY -> verify(next);
      case PROMOTE -> writer.promote(name, next, site.in(SOURCE_LIMIT));
      case SETTLE -> program(step).retirement().await();
      case CONFIRM ->
          awaitCalls(next, Optional.of(values.old()).filter(_ -> isGateway && !values.promoted()));
      case FORGET -> writer.forgetNext(name, site.in(SOURCE_LIMIT));
    }
  }

  private Program program(RotationStep step) {
    return site.programs().stream()
        .filter(program -> program.name().equals(step.program()))
        .findFirst()
        .orElseThrow();
  }

  private void verify(Secret next) throws InterruptedException {
    if (!concerned().isEmpty()) {
      awaitCalls(next, Optional.empty());
      return;
    }
    try {
      if (!site.tokenCheck().isGood(name, next, site.in(SOURCE_LIMIT))) {
        watcher.note("Nobody can try " + name + ": the next workflow will");
      }
    } catch (PlatformException e) {
      throw new DeployException(
          "the new " + name + " is not good: " + e.getMessage() + " The old one is in use still",
          e);
    }
  }

  /** Whoever asks now asks with the new value; {@code closed} must let nobody in any more. */
  private void awaitCalls(Secret next, Optional<Secret> closed) throws InterruptedException {
    Secret gateway = isGateway ? next : site.access().gateway();
    Deadline deadline = site.in(PATIENCE);
    while (true) {
      String problems = String.join("; ", problems(gateway, closed, deadline.another(VERIFY_LOOK)));
      if (problems.isEmpty()) {
        return;
      }
      watcher.note("Not yet: " + problems);
      if (deadline.passed()) {
        throw new DeployException(
            problems + ". Nothing is lost: see what is wrong by `mcpist verify`, and run it again");
      }
      deadline.sleep(PAUSE);
    }
  }

  private List<String> problems(Secret gateway, Optional<Secret> closed, Deadline deadline)
      throws InterruptedException {
    List<String> problems = new ArrayList<>();
    for (var origin : site.site().targets()) {
      String problem = origin.client().tools(Optional.of(gateway), deadline).problem();
      if (!problem.isEmpty()) {
        problems.add(origin.name() + ": " + problem);
      }
      int status =
          closed.isPresent() ? origin.client().status("/mcp", closed, deadline) : FORBIDDEN;
      if (status != FORBIDDEN) {
        problems.add(origin.name() + " answers the old gateway secret with " + status);
      }
    }
    if (site.site().edge().isPresent()) {
      site.site().edge().get().blocked(deadline).ifPresent(problems::add);
    }
    return problems;
  }

  public record RotationStep(
      @JsonProperty("step") Action action, @JsonProperty("holder") String program, boolean done) {
    /** In this order no call is refused, wherever it is broken off. */
    public enum Action {
      MAKE,
      ACCEPT,
      USE,
      VERIFY,
      PROMOTE,
      SETTLE,
      RETIRE,
      CONFIRM,
      FORGET
    }

    /** Those that are asked, and those that use it, in order; with the steps that are done. */
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
        using
            .keySet()
            .forEach(program -> steps.add(new RotationStep(Action.SETTLE, program, over)));
        addEach(steps, Action.RETIRE, accepting);
        steps.add(new RotationStep(Action.CONFIRM, "", false));
      }
      steps.add(new RotationStep(Action.FORGET, "", false));
      return List.copyOf(steps);
    }

    private static void addEach(
        List<RotationStep> steps, Action action, Map<String, SecretState> programs) {
      programs.forEach(
          (program, state) ->
              steps.add(new RotationStep(action, program, state == SecretState.NEW)));
    }

    private static boolean allNew(Map<String, SecretState> programs) {
      return programs.values().stream().allMatch(state -> state == SecretState.NEW);
    }

    public String told(String secret, String source) {
      return switch (action) {
        case MAKE ->
            "Making a new " + secret + ", kept by " + source + " as " + Source.next(secret);
        case ACCEPT -> "Letting " + program + " accept the old and the new one";
        case USE -> "Letting " + program + " use the new one";
        case VERIFY -> "Verifying the new one";
        case PROMOTE -> "Making it " + source + "'s " + secret;
        case SETTLE -> "Waiting for what " + program + " has begun with the old one";
        case RETIRE -> "Letting " + program + " accept the new one alone";
        case CONFIRM -> "Confirming that the old one is refused";
        case FORGET -> "Deleting " + source + "'s " + Source.next(secret);
      };
    }
  }
}
