package com.mcpist.deploy.image;

/** An image's digest cannot be found out. The message is one line: the image, why, what to do. */
public final class ImageException extends Exception {
  ImageException(String message) {
    super(message);
  }
}
