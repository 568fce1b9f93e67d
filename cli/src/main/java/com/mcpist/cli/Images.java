package com.mcpist.cli;

import com.mcpist.deploy.image.ImageReference;
import java.util.Optional;

/** Where releases come from. */
interface Images {
  /**
   * An image that is to be deployed.
   *
   * @param image by digest
   * @param release as people call it
   */
  record Chosen(ImageReference image, String release) {}

  /**
   * Finds it.
   *
   * @param named as it was asked for; empty: whatever is usual
   */
  Chosen choose(Optional<String> named) throws Exception;
}
