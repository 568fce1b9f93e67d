package com.mcpist.pair.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line to the supervisor, as JSON; docs/design/processes.md has the commands. What a command
 * does not need is empty, or left out.
 *
 * @param origin an origin's name; "edge" too with restart
 * @param release a release's id, with restore
 * @param digest of a release's folder, with deploy
 * @param env variables, with deploy
 * @param secrets values by name, with put-secrets, keep-secrets and edge-secret
 */
public record Request(
    String command,
    String origin,
    String release,
    String digest,
    Map<String, String> env,
    Map<String, String> secrets) {

  /** As given, or as read. */
  public Request(
      @Nullable String command,
      @Nullable String origin,
      @Nullable String release,
      @Nullable String digest,
      @Nullable Map<String, String> env,
      @Nullable Map<String, String> secrets) {
    this.command = command == null ? "" : command;
    this.origin = origin == null ? "" : origin;
    this.release = release == null ? "" : release;
    this.digest = digest == null ? "" : digest;
    this.env = env == null ? Map.of() : Map.copyOf(env);
    this.secrets = secrets == null ? Map.of() : Map.copyOf(secrets);
  }

  /** Of the pair. */
  public static Request of(String command) {
    return new Request(command, null, null, null, null, null);
  }

  /** Of one of its programs. */
  public static Request of(String command, String origin) {
    return new Request(command, origin, null, null, null, null);
  }

  /** That an origin go back to a release. */
  public static Request restore(String origin, String release) {
    return new Request("restore", origin, release, null, null, null);
  }

  /** That an origin run a stored release. */
  public static Request deploy(String origin, String digest, Map<String, String> env) {
    return new Request("deploy", origin, null, digest, env, null);
  }

  /** That secrets be stored for an origin. */
  public static Request putSecrets(String origin, Map<String, String> values) {
    return new Request("put-secrets", origin, null, null, null, values);
  }

  /** That the pair keep secrets, or its edge be given one. */
  public static Request secrets(String command, Map<String, String> values) {
    return new Request(command, null, null, null, null, values);
  }

  /** Never the secrets. */
  @Override
  public String toString() {
    return "Request[" + command + " " + origin + "]";
  }
}
