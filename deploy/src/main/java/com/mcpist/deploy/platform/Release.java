package com.mcpist.deploy.platform;

import com.mcpist.deploy.image.ImageReference;
import java.util.Map;
import java.util.Optional;

/**
 * What an origin runs, or has run.
 *
 * @param image empty when the platform does not say, or when its machines run different ones
 * @param detail why, in a sentence, when the platform says; else empty
 */
public record Release(
    String id,
    Optional<ImageReference> image,
    State state,
    String told,
    String detail,
    Map<String, String> env) {

  public enum State {
    /** On its way: it can become healthy. */
    PROGRESSING,
    /** It runs, and all checks that the platform makes pass. */
    HEALTHY,
    /** It runs, and a check fails: it may recover. */
    UNHEALTHY,
    FAILED,
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
