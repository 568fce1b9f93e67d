package com.mcpist.pair.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line to the supervisor, as JSON; docs/design/processes.md has the commands.
 *
 * @param origin an origin's name; "edge" too with restart
 * @param release a release's id, with restore and call-off
 * @param image by digest, with plan and deploy
 * @param env variables, with plan and deploy
 * @param secrets values by name, with put-secrets, keep-secrets and edge-secret
 */
public record Request(
    String command,
    @Nullable String origin,
    @Nullable String release,
    @Nullable String image,
    @Nullable Map<String, String> env,
    @Nullable Map<String, String> secrets) {

  /** Of the pair, or one of its programs. */
  public static Request of(String command, @Nullable String origin) {
    return new Request(command, origin, null, null, null, null);
  }

  /** Of a release of an origin. */
  public static Request of(String command, String origin, String release) {
    return new Request(command, origin, release, null, null, null);
  }

  /** Of an image for an origin. */
  public static Request of(String command, String origin, String image, Map<String, String> env) {
    return new Request(command, origin, null, image, env, null);
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
