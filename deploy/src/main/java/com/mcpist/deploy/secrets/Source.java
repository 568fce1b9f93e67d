package com.mcpist.deploy.secrets;

import module java.base;

import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;

/** GitHub's secrets, which a workflow hands on as variables of the environment. Prints no value. */
public record Source(Map<String, String> environment) {
  public static final String GATEWAY_SECRET = "GATEWAY_SECRET";

  public static final String ADMIN_TOKEN = "ADMIN_TOKEN";

  /** What such a name ends with is a value that nobody may guess. An address is none. */
  private static final Pattern RANDOM = Pattern.compile(".*(KEY|SECRET|TOKEN|PASSWORD)");

  private static final Set<String> SHOWN = Set.of(GATEWAY_SECRET, ADMIN_TOKEN);

  /** What follows a secret's name in that of the value that is to replace it. */
  public static final String NEXT = "_NEXT";

  /** Of what must be random. */
  private static final int SHORTEST = 32;

  public static String next(String name) {
    return name + NEXT;
  }

  /** Shown by callers and compared: a program can know two at once, and MCPist makes its value. */
  public static boolean isShown(String name) {
    return SHOWN.contains(name);
  }

  static boolean isRandom(String name) {
    return RANDOM.matcher(name).matches();
  }

  public Optional<Secret> find(String name) {
    String value = environment.getOrDefault(name, "");
    String problem = value.isEmpty() ? "" : problem(name, value);
    if (!problem.isEmpty()) {
      throw new DeployException(problem);
    }
    return value.isEmpty() ? Optional.empty() : Optional.of(Secret.of(value));
  }

  Map<String, Secret> values(Collection<String> names) {
    Map<String, Secret> values = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    for (String name : names) {
      String value = environment.getOrDefault(name, "");
      String problem =
          value.isEmpty()
              ? name
                  + " is empty or not set. Set it in GitHub's secrets and hand it on in the"
                  + " workflow, or take it out of mcpist.yml"
              : problem(name, value);
      if (problem.isEmpty()) {
        values.put(name, Secret.of(value));
      } else {
        problems.add(problem);
      }
    }
    if (!problems.isEmpty()) {
      throw new DeployException(String.join("; ", problems));
    }
    return values;
  }

  /** Why a value cannot be used; empty where it can. */
  static String problem(String name, String value) {
    if (value.chars().anyMatch(c -> c == '\n' || c == '\r')) {
      return name + " has a line break: set it again, in one line and without one at its end";
    }
    if (!value.equals(value.strip())) {
      return name + " has a blank before or after it: set it again without";
    }
    if (value.chars().anyMatch(Character::isISOControl)) {
      return name + " has a control character in it: set it again";
    }
    String replaced = name.endsWith(NEXT) ? name.substring(0, name.length() - NEXT.length()) : name;
    if (isRandom(replaced) && value.length() < SHORTEST) {
      return "%s is too short: %d characters, and it needs %d at least"
          .formatted(name, value.length(), SHORTEST);
    }
    if (isShown(replaced) && !value.matches("[\\x21-\\x2b\\x2d-\\x7e]+")) {
      return name
          + " has a comma, a blank or a character that is not ASCII in it: it travels in a header,"
          + " where a comma stands between two values";
    }
    return "";
  }

  @Override
  public String toString() {
    return "Source";
  }

  /** Writes the source of the secrets for a rotation. Every call may be made again. */
  public interface SourceWriter {
    String told();

    /** Keeps what is to replace a value, where there is no such value yet. */
    void storeNext(String name, Secret value, Deadline deadline) throws InterruptedException;

    void promote(String name, Secret value, Deadline deadline) throws InterruptedException;

    void forgetNext(String name, Deadline deadline) throws InterruptedException;

    /** GitHub returns values to nobody: workflows get them as a {@link Source}. */
    record GitHub(RepositorySecrets secrets) implements SourceWriter {
      @Override
      public String told() {
        return "GitHub";
      }

      /** One that is there, and not in this workflow, may be in use somewhere already. */
      @Override
      public void storeNext(String name, Secret value, Deadline deadline)
          throws InterruptedException {
        String next = Source.next(name);
        if (secrets.names(deadline).contains(next)) {
          throw new DeployException(
              ("GitHub has a %s, and this environment has not: hand it on in the workflow, so that"
                   + " the rotation that it is of can be finished. Delete it there only if nobody"
                   + " runs with it: mcpist secrets check")
                  .formatted(next));
        }
        secrets.put(next, name, value, deadline);
      }

      @Override
      public void promote(String name, Secret value, Deadline deadline)
          throws InterruptedException {
        secrets.put(name, name, value, deadline);
      }

      @Override
      public void forgetNext(String name, Deadline deadline) throws InterruptedException {
        secrets.delete(Source.next(name), deadline);
      }
    }
  }
}
