package com.mcpist.deploy.platform;

import com.mcpist.deploy.image.ImageReference;
import java.util.Map;
import java.util.Optional;

/**
 * What an origin runs, or has run.
 *
 * @param id the platform's own: a deployment's on Koyeb, an instance's on Fly.io
 * @param image empty when the platform does not say, or when its machines run different ones
 * @param told the platform's own word for the state, for people
 * @param detail why, in a sentence, when the platform says; else empty
 * @param env its variables that are no secrets
 */
public record Release(
    String id,
    Optional<ImageReference> image,
    State state,
    String told,
    String detail,
    Map<String, String> env) {

  /** What a state means for whoever waits. */
  public enum State {
    /** On its way: it can become healthy. */
    PROGRESSING,
    /** It runs, and all checks that the platform makes pass. */
    HEALTHY,
    /** It runs, and a check fails: it may recover. */
    UNHEALTHY,
    /** It will never be healthy. */
    FAILED,
    /** It has been replaced or stopped. */
    STOPPED
  }

  /** Without the variables: some people put secrets there. */
  @Override
  public String toString() {
    return id
        + " "
        + told
        + image.map(name -> " " + name).orElse("")
        + (detail.isEmpty() ? "" : " (" + detail + ")");
  }
}
