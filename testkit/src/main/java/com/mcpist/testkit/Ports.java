package com.mcpist.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/**
 * Ports of loopback. A server in a test binds port 0 where it can; this is for programs that must
 * be told their port.
 */
public final class Ports {

  private Ports() {}

  /**
   * A port on which nothing listened a moment ago. The kernel hands them out in random order, so
   * that two tests do not get the same one.
   */
  public static int free() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
