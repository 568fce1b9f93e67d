package com.mcpist.deploy.secrets;

import module java.base;

import com.mcpist.deploy.release.Announcements.Warning;

/** When secrets were last stored in the source, and when tokens end, where that is known. Pure. */
public record SecretAges(Map<String, Instant> stored, Map<String, Instant> ends) {
  public static final SecretAges UNKNOWN = new SecretAges(Map.of(), Map.of());

  /** The calendar had its turn a week ago. */
  private static final Duration QUARTER = Duration.ofDays(100);

  private static final Duration YEAR = Duration.ofDays(372);
  private static final Duration SOON = Duration.ofDays(14);

  /** Of these names, what should have been replaced, or soon must be. */
  public List<Warning> warnings(Collection<String> names, Instant now) {
    List<Warning> found = new ArrayList<>();
    for (String name : names) {
      age(name, now)
          .or(() -> end(name, now))
          .ifPresent(text -> found.add(new Warning("secret", name, text)));
    }
    return found;
  }

  private Optional<String> age(String name, Instant now) {
    Optional<Duration> most = lifetime(name);
    Instant since = stored.get(name);
    if (most.isEmpty() || since == null || now.isBefore(since.plus(most.get()))) {
      return Optional.empty();
    }
    return Optional.of(
        "%s has not been replaced for %d days: mcpist secrets rotate %s"
            .formatted(name, Duration.between(since, now).toDays(), name));
  }

  /** As docs/operations/secrets.md has it; empty: it is an address, say. */
  private static Optional<Duration> lifetime(String name) {
    if (Source.isShown(name)) {
      return Optional.of(QUARTER);
    }
    return Source.isRandom(name) || name.endsWith("DATABASE_URL")
        ? Optional.of(YEAR)
        : Optional.empty();
  }

  private Optional<String> end(String name, Instant now) {
    Instant end = ends.get(name);
    return end == null || now.isBefore(end.minus(SOON))
        ? Optional.empty()
        : Optional.of(
            "%s expires at %s: make another one, and mcpist secrets rotate %s"
                .formatted(name, end, name));
  }
}
