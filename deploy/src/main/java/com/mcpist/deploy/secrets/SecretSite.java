package com.mcpist.deploy.secrets;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.platform.SecretStore;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;

/** The edge, and then the origins in reverse, so that the one that serves is changed last. */
public record SecretSite(
    Site site,
    Optional<? extends EdgeControl> edge,
    List<Program> programs,
    Access access,
    TokenCheck tokenCheck) {
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    programs.forEach(program -> names.addAll(program.names()));
    return names;
  }

  Deadline in(Duration length) {
    return Deadline.in(length, site.time());
  }

  /**
   * A program that has secrets, and where it has them from. An origin must start again for new
   * values. Retirement waits until no process with the values before sends anything.
   */
  public record Program(
      String name,
      SecretStore store,
      SecretQuery query,
      Set<String> names,
      Set<String> others,
      Optional<Target> origin,
      Retirement retirement) {
    public Program {
      names = Collections.unmodifiableSet(new TreeSet<>(names));
    }
  }

  /** Waits for what still runs with values that have been replaced. */
  @FunctionalInterface
  public interface Retirement {
    void await() throws InterruptedException;
  }

  /** Tries a value that no program has and only the workflows use, before it replaces another. */
  @FunctionalInterface
  public interface TokenCheck {
    /** Makes a call that only reads; false: there is none. It throws where the value is bad. */
    boolean isGood(String name, Secret value, Deadline deadline) throws InterruptedException;
  }

  /** Force: also where nobody might serve, and without lock; the limit is a program's. */
  public record ChangeOptions(
      String who, boolean force, boolean restart, Duration limit, Duration lock) {}
}
