package com.mcpist.deploy.image;

/** An image's digest cannot be found out. The message is one line: the image, why, what to do. */
public final class ImageException extends Exception {
  private static final long serialVersionUID = 1;

  ImageException(String message) {
    super(message);
  }
}
