package com.mcpist.deploy.secrets;

import com.mcpist.deploy.admin.Access;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Row.Result;
import com.mcpist.deploy.secrets.Running.State;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Brings the values of the source to everybody who has another one, one program at a time, so that
 * the pair never stops. Where all run with them nothing is changed.
 */
public record Sync(SecretSite site, Source source, Order order, Watcher watcher) {
  private static final Duration LOOK = Duration.ofSeconds(15);

  /** What one holder is to get. */
  private record Due(Holder holder, Map<String, Secret> all, Map<String, Secret> differing) {}

  /**
   * What would be done; changes nothing.
   *
   * @throws SecretsException where it would be refused
   */
  public List<Row> preview() throws SecretsException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    for (Due due : due()) {
      rows.addAll(preview(due));
    }
    return rows;
  }

  private List<Row> preview(Due due) throws InterruptedException {
    Set<String> stored;
    try {
      stored =
          due.differing().isEmpty()
              ? Set.of()
              : due.holder().store().secretNames(Deadline.in(LOOK, site.site().time()));
    } catch (PlatformException e) {
      return rows(due, Result.FAILED, String.valueOf(e.getMessage()));
    }
    List<Row> rows = new ArrayList<>();
    for (String name : due.all().keySet()) {
      Result result =
          !due.differing().containsKey(name)
              ? Result.UNCHANGED
              : stored.contains(name) ? Result.CHANGED : Result.CREATED;
      rows.add(new Row(due.holder().name(), name, result, ""));
    }
    return rows;
  }

  /**
   * Does it.
   *
   * @return a row for each secret in each place; where one place has failed, the others have been
   *     seen to all the same as far as that could do no harm
   * @throws SecretsException where nothing has been changed
   */
  public List<Row> run() throws SecretsException, InterruptedException {
    watcher.step("Asking what runs");
    List<Due> due = due();
    if (due.stream().allMatch(one -> one.differing().isEmpty())) {
      return due.stream().flatMap(one -> unchanged(one).stream()).toList();
    }
    try (Exclusive exclusive =
        Exclusive.take(site, List.of(site.access()), order, "secrets sync", watcher)) {
      List<Row> rows = new ArrayList<>();
      boolean failed = false;
      for (Due one : due) {
        exclusive.check();
        // An origin that does not come back is the one that must not be joined by another.
        boolean restarts = order.restart() && one.holder().origin().isPresent();
        List<Row> seen = failed && restarts ? left(one) : run(one);
        failed |= restarts && seen.stream().anyMatch(row -> row.result() == Result.FAILED);
        rows.addAll(seen);
      }
      return rows;
    }
  }

  private List<Row> run(Due due) throws InterruptedException {
    if (due.differing().isEmpty()) {
      return unchanged(due);
    }
    watcher.step("Bringing secrets to " + due.holder().name());
    Delivery delivery =
        new Delivery(
            site, List.of(site.access()), new Cover(site, order.force(), watcher), watcher);
    Deadline deadline = Deadline.in(order.limit(), site.site().time());
    try {
      Map<String, SecretChange> changes =
          order.restart()
              ? delivery.deliver(due.holder(), due.differing(), deadline)
              : delivery.store(due.holder(), due.differing(), deadline);
      return due.all().keySet().stream().map(name -> row(due, name, changes)).toList();
    } catch (SecretsException e) {
      watcher.failed(String.valueOf(e.getMessage()));
      return rows(due, Result.FAILED, String.valueOf(e.getMessage()));
    }
  }

  private Row row(Due due, String name, Map<String, SecretChange> changes) {
    SecretChange change = changes.get(name);
    Result result =
        change == null
            ? Result.UNCHANGED
            : change == SecretChange.CREATED ? Result.CREATED : Result.CHANGED;
    String detail =
        change != null && !order.restart() && due.holder().origin().isPresent()
            ? "stored: it runs with it from its next start on"
            : "";
    return new Row(due.holder().name(), name, result, detail);
  }

  private static List<Row> left(Due due) {
    return rows(due, Result.FAILED, "left as it is, since something before it has failed");
  }

  private static List<Row> unchanged(Due due) {
    return rows(due, Result.UNCHANGED, "");
  }

  /** Those that do not differ are unchanged in any case. */
  private static List<Row> rows(Due due, Result differing, String detail) {
    List<Row> rows = new ArrayList<>();
    for (String name : due.all().keySet()) {
      boolean differs = due.differing().containsKey(name);
      rows.add(
          new Row(
              due.holder().name(),
              name,
              differs ? differing : Result.UNCHANGED,
              differs ? detail : ""));
    }
    return rows;
  }

  private List<Due> due() throws SecretsException, InterruptedException {
    Set<String> names = new TreeSet<>();
    site.holders().forEach(holder -> names.addAll(holder.names()));
    Map<String, Secret> values = source.values(names);
    for (String name : names) {
      if (source.find(Source.next(name)).isPresent()) {
        throw new SecretsException(
            "a rotation of %s is under way: there is a %s. Finish it: mcpist secrets rotate %s"
                .formatted(name, Source.next(name), name));
      }
    }
    Map<Holder, Running> running = running();
    refuseAnotherGateway(running);
    refuseAnotherToken(running);
    List<Due> due = new ArrayList<>();
    running.forEach((holder, seen) -> due.add(due(holder, seen, values)));
    return due;
  }

  private Map<Holder, Running> running() throws InterruptedException {
    Deadline deadline = Deadline.in(LOOK, site.site().time());
    List<Access> accesses = List.of(site.access());
    List<Running> answers =
        Concurrently.each(
            site.holders(),
            RuntimeException.class,
            holder -> holder.challenge().ask(accesses, holder.names(), deadline));
    Map<Holder, Running> running = new LinkedHashMap<>();
    for (int i = 0; i < answers.size(); i++) {
      running.put(site.holders().get(i), answers.get(i));
    }
    return running;
  }

  private static Due due(Holder holder, Running running, Map<String, Secret> values) {
    Map<String, Secret> all = new TreeMap<>();
    Map<String, Secret> differing = new TreeMap<>();
    for (String name : holder.names()) {
      Secret value = java.util.Objects.requireNonNull(values.get(name));
      all.put(name, value);
      if (!running.runs(name, value)) {
        differing.put(name, value);
      }
    }
    return new Due(holder, all, differing);
  }

  /**
   * Where the origins know another admin token, all of them, none lets the lock be taken, and none
   * shows what it has.
   */
  private void refuseAnotherToken(Map<Holder, Running> running) throws SecretsException {
    boolean known =
        running.entrySet().stream()
            .filter(entry -> entry.getKey().origin().isPresent())
            .anyMatch(entry -> entry.getValue().state() != State.OTHER_ADMIN_TOKEN);
    if (!known && !order.force()) {
      throw new SecretsException(
          "the origins know another ADMIN_TOKEN. Put the value that they have back into GitHub and"
              + " rotate it; or, where nobody has it any more, go on with --force, without the"
              + " deployment lock");
    }
  }

  /**
   * Where the origins know another gateway secret, all of them, the edge shows them that one: to
   * give it to one after the other would have calls refused in between.
   */
  private void refuseAnotherGateway(Map<Holder, Running> running) throws SecretsException {
    List<String> others = new ArrayList<>();
    boolean known = false;
    for (Map.Entry<Holder, Running> entry : running.entrySet()) {
      if (entry.getKey().origin().isPresent()) {
        known |= entry.getValue().answered();
        if (entry.getValue().state() == State.OTHER_GATEWAY_SECRET) {
          others.add(entry.getKey().name());
        }
      }
    }
    if (!known && !others.isEmpty() && !order.force()) {
      throw new SecretsException(
          ("%s know another GATEWAY_SECRET, and so may the edge: changed one by one they would"
                  + " refuse calls. Put the value that runs back into GitHub and rotate it, or go"
                  + " on with --force")
              .formatted(String.join(" and ", others)));
    }
  }
}
