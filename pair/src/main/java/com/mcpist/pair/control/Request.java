package com.mcpist.pair.control;

import java.util.Map;
import java.util.Objects;

/** A line of docs/design/processes.md; what its command does not need is empty, or left out. */
public record Request(
    String command,
    String origin,
    String release,
    String digest,
    Map<String, String> env,
    Map<String, String> secrets) {

  /** What a line leaves out is null as it is read. */
  public Request {
    command = Objects.requireNonNullElse(command, "");
    origin = Objects.requireNonNullElse(origin, "");
    release = Objects.requireNonNullElse(release, "");
    digest = Objects.requireNonNullElse(digest, "");
    env = Map.copyOf(Objects.requireNonNullElse(env, Map.of()));
    secrets = Map.copyOf(Objects.requireNonNullElse(secrets, Map.of()));
  }

  public static Request of(String command) {
    return of(command, "", Map.of());
  }

  public static Request of(String command, String origin) {
    return of(command, origin, Map.of());
  }

  /** Of the pair where the origin is empty, with secrets. */
  public static Request of(String command, String origin, Map<String, String> secrets) {
    return new Request(command, origin, "", "", Map.of(), secrets);
  }

  /** Never the secrets. */
  @Override
  public String toString() {
    return "Request[" + command + " " + origin + "]";
  }
}
