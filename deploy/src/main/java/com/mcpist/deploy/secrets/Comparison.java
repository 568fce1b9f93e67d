package com.mcpist.deploy.secrets;

import module java.base;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Announcements.Warning;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Comparison.Drift.Kind;
import com.mcpist.deploy.secrets.SecretQuery.RunningSecrets;
import com.mcpist.deploy.secrets.SecretQuery.SecretState;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.time.Deadline;

/**
 * Compares what programs run with, and what is stored for them, with the source; and the origins'
 * other variables with mcpist.yml.
 */
public record Comparison(SecretSite site, Source source, Set<String> only) {
  private static final Duration LOOK = Duration.ofSeconds(20);
  private static final String SOURCE = "source";
  private static final String SYNC = "Bring it there: mcpist secrets sync";
  private static final String DEPLOY = "Bring mcpist.yml out: mcpist deploy";

  public record Drift(
      @JsonProperty("holder") String program,
      String secret,
      @JsonProperty("result") Kind kind,
      String detail,
      String advice) {
    public enum Kind {
      SAME,
      MISSING,
      DIFFERENT,
      /** It has one that mcpist.yml does not give it. */
      LEFT_OVER,
      /** A rotation has begun and is not finished. */
      ROTATING,
      UNKNOWN;

      @JsonValue
      public String told() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
      }
    }

    public boolean good() {
      return kind == Kind.SAME;
    }

    /** As it is told until it is over. */
    public Warning warning() {
      String subject = (program + " " + secret).strip();
      return new Warning("drift", subject, "%s: %s. %s".formatted(subject, detail, advice));
    }
  }

  public List<Drift> look() throws InterruptedException {
    Deadline deadline = site.in(LOOK);
    Set<String> names = site.names();
    names.addAll(only);
    List<Drift> all = new ArrayList<>();
    Map<String, Secret> values = values(names, all);
    Concurrently.each(site.programs(), program -> look(program, values, deadline))
        .forEach(all::addAll);
    return all;
  }

  private Map<String, Secret> values(Collection<String> names, List<Drift> found) {
    Map<String, Secret> values = new TreeMap<>();
    for (String name : names) {
      String value = source.environment().getOrDefault(name, "");
      String problem = value.isEmpty() ? "it is empty or not set" : Source.problem(name, value);
      if (problem.isEmpty()) {
        values.put(name, Secret.of(value));
      } else {
        found.add(
            value.isEmpty()
                ? new Drift(
                    SOURCE,
                    name,
                    Kind.MISSING,
                    problem,
                    "Set it in GitHub's secrets and hand it on in the workflow")
                : new Drift(
                    SOURCE, name, Kind.DIFFERENT, problem, "Set it again in GitHub's secrets"));
      }
      if (!source.environment().getOrDefault(Source.next(name), "").isEmpty()) {
        found.add(
            new Drift(
                SOURCE,
                name,
                Kind.ROTATING,
                "there is a " + Source.next(name),
                "Finish it: mcpist secrets rotate " + name));
      }
    }
    return values;
  }

  private List<Drift> look(Program program, Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    Map<String, String> settings = settings(program);
    List<String> asked = new ArrayList<>(program.names());
    asked.addAll(settings.keySet());
    RunningSecrets running = program.query().ask(List.of(site.access()), asked, deadline);
    List<Drift> found = new ArrayList<>();
    if (running.answered()) {
      settings.forEach((name, value) -> found.add(compared(program.name(), name, value, running)));
      for (String name : program.names()) {
        Secret value = values.get(name);
        if (value != null) { // What the source lacks is told once.
          found.add(compared(program.name(), name, value, running));
        }
      }
    } else {
      found.add(unknown(program.name(), running));
    }
    leftOver(program, running, found, deadline);
    return found;
  }

  /** A program can prove those that have the usual names, and are not empty. */
  private static Map<String, String> settings(Program program) {
    Map<String, String> settings =
        new TreeMap<>(program.origin().map(Target::env).orElse(Map.of()));
    settings.keySet().removeIf(name -> !name.matches("[A-Z][A-Z0-9_]{0,127}"));
    settings.values().removeIf(String::isEmpty);
    return settings;
  }

  private static Drift compared(String program, String name, String value, RunningSecrets running) {
    if (running.runs(name, Secret.of(value))) {
      return new Drift(program, name, Kind.SAME, "", "");
    }
    return running.has(name)
        ? new Drift(
            program, name, Kind.DIFFERENT, "it runs with another value than mcpist.yml", DEPLOY)
        : new Drift(program, name, Kind.MISSING, "it runs without", DEPLOY);
  }

  private Drift compared(String program, String name, Secret value, RunningSecrets running) {
    if (running.runs(name, value) || rotates(name, value, running)) {
      return new Drift(program, name, Kind.SAME, "", "");
    }
    return running.has(name)
        ? new Drift(
            program, name, Kind.DIFFERENT, "it runs with another value than the source", SYNC)
        : new Drift(program, name, Kind.MISSING, "it runs without", SYNC);
  }

  /** While it is rotated it is as it should be with the value to come, and with both. */
  private boolean rotates(String name, Secret value, RunningSecrets running) {
    String next = source.environment().getOrDefault(Source.next(name), "");
    return !next.isEmpty() && running.state(name, value, Secret.of(next)) != SecretState.OTHER;
  }

  private static Drift unknown(String program, RunningSecrets running) {
    return switch (running.state()) {
      case OTHER_GATEWAY_SECRET ->
          new Drift(program, Source.GATEWAY_SECRET, Kind.DIFFERENT, running.problem(), SYNC);
      case OTHER_ADMIN_TOKEN ->
          new Drift(program, Source.ADMIN_TOKEN, Kind.DIFFERENT, running.problem(), SYNC);
      case SILENT, ANSWERED ->
          new Drift(
              program,
              "",
              Kind.UNKNOWN,
              running.problem(),
              "See that it runs, and look again: mcpist status");
    };
  }

  private static void leftOver(
      Program program, RunningSecrets running, List<Drift> found, Deadline deadline)
      throws InterruptedException {
    Set<String> left = new TreeSet<>(running.names());
    try {
      left.addAll(program.store().ownSecretNames(deadline));
      left.removeAll(program.others());
    } catch (PlatformException e) {
      found.add(
          new Drift(
              program.name(),
              "",
              Kind.UNKNOWN,
              String.valueOf(e.getMessage()),
              "Look at the platform's token: mcpist doctor"));
    }
    left.removeAll(program.names());
    for (String name : left) {
      found.add(
          new Drift(
              program.name(),
              name,
              Kind.LEFT_OVER,
              "mcpist.yml does not give it this secret",
              "Take it off there, or write it into mcpist.yml"));
    }
  }
}
