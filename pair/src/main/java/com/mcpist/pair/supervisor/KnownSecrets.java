package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.pair.data.PairException;

/** What a pair's programs know each other by, and what is to replace it. */
final class KnownSecrets {
  static final Set<String> NAMES = Set.of(Source.GATEWAY_SECRET, Source.ADMIN_TOKEN);

  private final ConcurrentMap<String, String> values;

  KnownSecrets(Map<String, String> values) {
    this.values = new ConcurrentHashMap<>(values);
  }

  static KnownSecrets random() {
    return new KnownSecrets(
        NAMES.stream().collect(Collectors.toMap(name -> name, _ -> Secret.random().reveal())));
  }

  /** All of them, by their names. */
  Map<String, String> all() {
    return Map.copyOf(values);
  }

  Secret current(String name) {
    return Secret.of(Objects.requireNonNull(values.get(name)));
  }

  /** What is to replace it; empty where nothing is. */
  Optional<Secret> next(String name) {
    return Optional.ofNullable(values.get(Source.next(name))).map(Secret::of);
  }

  /** Keeps values by their names, all or none; an empty one of a rotation is forgotten. */
  void keep(Map<String, String> given) throws PairException {
    for (Map.Entry<String, String> one : given.entrySet()) {
      check(one.getKey(), one.getValue());
    }
    given.forEach((name, value) -> values.compute(name, (_, _) -> value.isEmpty() ? null : value));
  }

  private static void check(String name, String value) throws PairException {
    boolean next = name.endsWith(Source.NEXT);
    String of = next ? name.substring(0, name.length() - Source.NEXT.length()) : name;
    if (!NAMES.contains(of)) {
      throw new PairException("a pair on this machine has no secret " + name);
    }
    if (!(next && value.isEmpty()) && !value.matches("[!-+\\--~]{32,1024}")) {
      throw new PairException(
          name + " must be 32 to 1024 characters of ASCII without a blank or a comma");
    }
  }
}
