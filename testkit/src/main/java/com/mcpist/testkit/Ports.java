package com.mcpist.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports of loopback. A server in a test binds port 0 where it can; this is for programs that must
 * be told their port.
 */
public final class Ports {

  /** Below those that the kernel gives to clients, and those that a pair chooses for itself. */
  private static final int FIRST = 10_000;

  private static final int BEYOND = 20_000;

  private Ports() {}

  /**
   * A port on which nothing listened a moment ago, chosen at random, so that two tests do not get
   * the same one.
   */
  public static int free() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, BEYOND);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException _) {
        // Another one then.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
