package com.mcpist.deploy.secrets;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Drift.Kind;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Compares what programs run with, and what is stored for them, with the source, without showing a
 * value.
 *
 * @param only of the workflows: names that no program has
 */
public record Comparison(SecretSite site, Source source, Set<String> only) {
  private static final Duration LOOK = Duration.ofSeconds(20);
  private static final String SOURCE = "source";
  private static final String SYNC = "Bring it there: mcpist secrets sync";

  /** As given. */
  public Comparison {
    only = Set.copyOf(only);
  }

  /** All secrets in all places, also those that are as they should be. */
  public List<Drift> look() throws InterruptedException {
    Deadline deadline = Deadline.in(LOOK, site.site().time());
    Set<String> names = new TreeSet<>(only);
    site.holders().forEach(holder -> names.addAll(holder.names()));
    List<Drift> all = new ArrayList<>();
    Map<String, Secret> values = source(names, all);
    List<List<Drift>> found =
        Concurrently.each(
            site.holders(), RuntimeException.class, holder -> look(holder, values, deadline));
    found.forEach(all::addAll);
    return all;
  }

  private Map<String, Secret> source(Collection<String> names, List<Drift> found) {
    Map<String, Secret> values = new TreeMap<>();
    for (String name : names) {
      String value = source.environment().getOrDefault(name, "");
      String problem = value.isEmpty() ? "" : Source.problem(name, value);
      if (value.isEmpty()) {
        found.add(
            drift(
                SOURCE,
                name,
                Kind.MISSING,
                "it is empty or not set",
                "Set it in GitHub's secrets and hand it on in the workflow"));
      } else if (!problem.isEmpty()) {
        found.add(drift(SOURCE, name, Kind.DIFFERENT, problem, "Set it again in GitHub's secrets"));
      } else {
        values.put(name, Secret.of(value));
      }
      if (!source.environment().getOrDefault(Source.next(name), "").isEmpty()) {
        found.add(
            drift(
                SOURCE,
                name,
                Kind.ROTATING,
                "there is a " + Source.next(name),
                "Finish it: mcpist secrets rotate " + name));
      }
    }
    return values;
  }

  private List<Drift> look(Holder holder, Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    Running running = holder.challenge().ask(List.of(site.access()), holder.names(), deadline);
    List<Drift> found = new ArrayList<>();
    if (running.answered()) {
      for (String name : holder.names()) {
        Secret value = values.get(name);
        if (value != null) { // What the source lacks is told once.
          found.add(compared(holder, name, value, running));
        }
      }
    } else {
      found.add(unknown(holder, running));
    }
    found.addAll(leftOver(holder, running, deadline));
    return found;
  }

  private Drift compared(Holder holder, String name, Secret value, Running running) {
    if (running.runs(name, value) || rotates(name, value, running)) {
      return drift(holder.name(), name, Kind.SAME, "", "");
    }
    return running.has(name)
        ? drift(
            holder.name(), name, Kind.DIFFERENT, "it runs with another value than the source", SYNC)
        : drift(holder.name(), name, Kind.MISSING, "it runs without", SYNC);
  }

  /** While it is rotated it is as it should be with the value to come, and with both. */
  private boolean rotates(String name, Secret value, Running running) {
    String next = source.environment().getOrDefault(Source.next(name), "");
    return !next.isEmpty() && Standing.of(running, name, value, Secret.of(next)) != Standing.OTHER;
  }

  private static Drift unknown(Holder holder, Running running) {
    return switch (running.state()) {
      case OTHER_GATEWAY_SECRET ->
          drift(holder.name(), SecretNames.GATEWAY_SECRET, Kind.DIFFERENT, running.problem(), SYNC);
      case OTHER_ADMIN_TOKEN ->
          drift(holder.name(), SecretNames.ADMIN_TOKEN, Kind.DIFFERENT, running.problem(), SYNC);
      case SILENT, ANSWERED ->
          drift(
              holder.name(),
              "",
              Kind.UNKNOWN,
              running.problem(),
              "See that it runs, and look again: mcpist status");
    };
  }

  private static List<Drift> leftOver(Holder holder, Running running, Deadline deadline)
      throws InterruptedException {
    Set<String> left = new TreeSet<>(running.besides(holder.names()));
    List<Drift> found = new ArrayList<>();
    try {
      left.addAll(holder.store().ownSecretNames(deadline));
      left.removeAll(holder.names());
      left.removeAll(holder.others());
    } catch (PlatformException e) {
      found.add(
          drift(
              holder.name(),
              "",
              Kind.UNKNOWN,
              String.valueOf(e.getMessage()),
              "Look at the platform's token: mcpist doctor"));
    }
    for (String name : left) {
      found.add(
          drift(
              holder.name(),
              name,
              Kind.LEFT_OVER,
              "mcpist.yml does not give it this secret",
              "Take it off there, or write it into mcpist.yml"));
    }
    return found;
  }

  private static Drift drift(
      String holder, String secret, Kind kind, String detail, String advice) {
    return new Drift(holder, secret, kind, detail, advice);
  }
}
