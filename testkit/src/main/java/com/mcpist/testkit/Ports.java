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
      if (isFree(port)) {
        return port;
      }
    }
  }

  /**
   * A free port whose successor is free too: an origin's on an SSH host, where a release is tried
   * on the next one.
   */
  public static int freeWithNext() {
    while (true) {
      int port = free();
      if (isFree(port + 1)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (BindException _) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
