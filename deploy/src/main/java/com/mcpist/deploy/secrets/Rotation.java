package com.mcpist.deploy.secrets;

import com.mcpist.deploy.admin.Access;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.RotationPlan.State;
import com.mcpist.deploy.time.Deadline;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Replaces the value of one secret without a call that is refused. Where each program stands is
 * asked at the beginning, so that a rotation which was broken off anywhere is finished by the next
 * one.
 */
public final class Rotation {
  private static final int BYTES = 32;
  private static final Duration LOOK = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration VAULT_LIMIT = Duration.ofSeconds(60);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final SecretSite site;
  private final Vault vault;
  private final Order order;
  private final Watcher watcher;
  private final String name;

  /** What may be shown: the values of the beginning, and those to come once they are known. */
  private List<Access> shown;

  /** Of the secret of that name. */
  public Rotation(SecretSite site, Vault vault, Order order, Watcher watcher, String name) {
    this.site = site;
    this.vault = vault;
    this.order = order;
    this.watcher = watcher;
    this.name = name;
    this.shown = List.of(site.access());
  }

  /** The origins' admin path, whichever values they have by now. */
  public Optional<AdminPath> admin() {
    return site.site().admin().map(path -> path.with(shown));
  }

  /** The values: a new one where none is to come yet. */
  private record Values(Secret old, Secret next, boolean made) {
    boolean promoted() {
      return old.equals(next);
    }
  }

  /**
   * What would be done; changes nothing.
   *
   * @throws SecretsException where it would be refused
   */
  public List<Step> preview() throws SecretsException, InterruptedException {
    return RotationPlan.steps(state(values()));
  }

  /**
   * Does it.
   *
   * @return the steps, in their order
   * @throws SecretsException where it stopped; calls go through all the same, and the next run goes
   *     on
   */
  public List<Step> run() throws SecretsException, InterruptedException {
    Values values = values();
    shown = accesses(values);
    try (Exclusive exclusive = Exclusive.take(site, shown, order, "rotation of " + name, watcher)) {
      watcher.step("Asking what runs");
      List<Step> steps = RotationPlan.steps(state(values));
      for (Step step : steps) {
        if (!step.done()) {
          exclusive.check();
          watcher.step(step.told(name, vault.told()));
          perform(step, values);
        }
      }
      return steps;
    }
  }

  private Values values() throws SecretsException {
    Secret old =
        vault
            .current(name)
            .orElseThrow(
                () ->
                    new SecretsException(
                        name
                            + " is not set: there is nothing to rotate. Set it in "
                            + vault.told()
                            + ", and bring it to everybody: mcpist secrets sync"));
    Optional<Secret> next = vault.next(name);
    if (next.isEmpty() && !SecretNames.isShown(name)) {
      throw new SecretsException(
          "%s is given by whoever runs that service: make another one there, set it in %s as %s, and"
                  .formatted(name, vault.told(), Source.next(name))
              + " run this again, which brings it to everybody");
    }
    return new Values(old, next.orElseGet(Rotation::made), next.isPresent());
  }

  private static Secret made() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return Secret.of(HexFormat.of().formatHex(bytes));
  }

  private State state(Values values) throws SecretsException, InterruptedException {
    // The origins first: until the last step the Worker knows the token that is shown meanwhile.
    Map<String, Standing> accepting = new LinkedHashMap<>();
    Map<String, Standing> acceptingEdge = new LinkedHashMap<>();
    Map<String, Standing> using = new LinkedHashMap<>();
    List<Holder> concerned = concerned();
    List<Running> running =
        Concurrently.each(concerned, RuntimeException.class, holder -> seen(holder, values));
    for (int i = 0; i < concerned.size(); i++) {
      Holder holder = concerned.get(i);
      Standing standing = Standing.of(running.get(i), name, values.old(), values.next());
      if (standing == Standing.OTHER && !values.promoted()) {
        throw stranger(holder, running.get(i));
      }
      Map<String, Standing> asked = holder.origin().isPresent() ? accepting : acceptingEdge;
      (accepts(holder) ? asked : using).put(holder.name(), standing);
    }
    accepting.putAll(acceptingEdge);
    if (name.equals(SecretNames.GATEWAY_SECRET) && using.isEmpty()) {
      throw new SecretsException(
          "mcpist.yml has no edge that could be given another GATEWAY_SECRET: with `cloudflare` it"
              + " is the Worker. An edge that you run yourself would show the old one, and its"
              + " calls be refused");
    }
    return new State(values.made(), values.promoted(), accepting, using);
  }

  /**
   * What it has. One that is silent is waited for: it may be starting again, for a command that was
   * killed as it did so.
   */
  private Running seen(Holder holder, Values values) throws InterruptedException {
    Deadline limit = Deadline.in(order.limit(), site.site().time());
    Deadline patience = limit.another(limit.atMost(PATIENCE));
    boolean told = false;
    while (true) {
      Running running =
          holder.challenge().ask(accesses(values), List.of(name), patience.another(LOOK));
      if (running.state() != Running.State.SILENT || patience.passed()) {
        return running;
      }
      if (!told) {
        watcher.origin(holder.name(), "waiting until it answers");
        told = true;
      }
      patience.sleep(PAUSE);
    }
  }

  private SecretsException stranger(Holder holder, Running running) {
    return new SecretsException(
        running.answered()
            ? "%s runs with another %s than %s has: mcpist secrets sync, and then this again"
                .formatted(holder.name(), name, vault.told())
            : "%s does not show which %s it has: %s. Mend that first: mcpist secrets check"
                .formatted(holder.name(), name, running.problem()));
  }

  private List<Holder> concerned() {
    return site.holders().stream().filter(holder -> holder.names().contains(name)).toList();
  }

  /** An edge shows the gateway secret; everybody else is asked with what is shown. */
  private boolean accepts(Holder holder) {
    return SecretNames.isShown(name)
        && (holder.origin().isPresent() || name.equals(SecretNames.ADMIN_TOKEN));
  }

  /** What may be shown from the beginning to the end. */
  private List<Access> accesses(Values values) {
    Access access = site.access();
    List<Access> all = new ArrayList<>(List.of(access));
    switch (name) {
      case SecretNames.GATEWAY_SECRET -> all.add(new Access(values.next(), access.token()));
      case SecretNames.ADMIN_TOKEN -> all.add(new Access(access.gateway(), values.next()));
      default -> {}
    }
    return all;
  }

  private void perform(Step step, Values values) throws SecretsException, InterruptedException {
    switch (step.action()) {
      case MAKE -> vault.storeNext(name, values.next(), vaultLimit());
      case ACCEPT -> deliver(step, Standing.both(values.old(), values.next()), values);
      case USE, RETIRE -> deliver(step, values.next(), values);
      case VERIFY -> verify(values);
      case PROMOTE -> vault.promote(name, values.next(), vaultLimit());
      case SETTLE -> holder(step.holder()).retirement().await();
      case CONFIRM ->
          passage(values).await(values.promoted() ? Optional.empty() : Optional.of(values.old()));
      case FORGET -> vault.forgetNext(name, vaultLimit());
    }
  }

  private void verify(Values values) throws SecretsException, InterruptedException {
    if (!concerned().isEmpty()) {
      passage(values).await(Optional.empty());
      return;
    }
    try {
      if (!site.trial().isGood(name, values.next(), vaultLimit())) {
        watcher.note("Nobody can try " + name + ": the next workflow will");
      }
    } catch (PlatformException e) {
      throw new SecretsException(
          "the new " + name + " is not good: " + e.getMessage() + " The old one is in use still",
          e);
    }
  }

  private Deadline vaultLimit() {
    return Deadline.in(VAULT_LIMIT, site.site().time());
  }

  private void deliver(Step step, Secret value, Values values)
      throws SecretsException, InterruptedException {
    Delivery delivery =
        new Delivery(site, accesses(values), new Cover(site, order.force(), watcher), watcher);
    var _ =
        delivery.deliver(
            holder(step.holder()),
            Map.of(name, value),
            Deadline.in(order.limit(), site.site().time()));
  }

  private Holder holder(String holder) {
    return site.holders().stream()
        .filter(one -> one.name().equals(holder))
        .findFirst()
        .orElseThrow();
  }

  /** Whoever asks now asks with the new value. */
  private Passage passage(Values values) {
    boolean gateway = name.equals(SecretNames.GATEWAY_SECRET);
    return new Passage(
        site.site(), gateway ? values.next() : site.access().gateway(), gateway, watcher);
  }
}
