package com.mcpist.pair.supervisor;

import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.pair.control.RefusedException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;

/** An origin's secrets, in memory only: those that it is given at `up`, and those stored since. */
final class StoredSecrets {
  private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]*");

  private final Map<String, String> given;
  private final ConcurrentMap<String, String> stored = new ConcurrentHashMap<>();

  /**
   * @param given those that the supervisor sets
   */
  StoredSecrets(Map<String, String> given) {
    this.given = Map.copyOf(given);
  }

  /** The names of all. */
  Set<String> names() {
    Set<String> names = new TreeSet<>(given.keySet());
    names.addAll(stored.keySet());
    return names;
  }

  /** Those that have been stored: they count more than those that are given. */
  Map<String, String> stored() {
    return Map.copyOf(stored);
  }

  /**
   * Stores some.
   *
   * @param reserved variables that are not to be set by anybody
   */
  Map<String, SecretChange> put(Map<String, String> values, Set<String> reserved)
      throws RefusedException {
    for (String name : values.keySet()) {
      if (!NAME.matcher(name).matches() || reserved.contains(name)) {
        throw new RefusedException(
            Kind.REJECTED,
            name + " cannot be the name of a secret here",
            "Use A-Z, 0-9 and _, and none of " + new TreeSet<>(reserved));
      }
    }
    Map<String, SecretChange> changes = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          String earlier = stored.put(name, value);
          String before = earlier == null ? given.get(name) : earlier;
          changes.put(
              name,
              before == null
                  ? SecretChange.CREATED
                  : before.equals(value) ? SecretChange.UNCHANGED : SecretChange.UPDATED);
        });
    return changes;
  }

  /** Never the values. */
  @Override
  public String toString() {
    return names().toString();
  }
}
