package com.mcpist.deploy.platform;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Wanted;
import java.util.Map;
import java.util.Set;

/** Images of the tests, and what is wanted of them. */
public final class Images {
  public static final ImageReference OLD = image("0");
  public static final ImageReference NEW = image("1");
  public static final ImageReference THIRD = image("2");

  /** The new release, with a variable that goes with it. */
  public static final Wanted WANTED = new Wanted(NEW, Map.of("RELEASE", "two"), Set.of());

  private Images() {}

  public static ImageReference image(String digit) {
    return ImageReference.parse("ghcr.io/me/notes@sha256:" + digit.repeat(64));
  }
}
