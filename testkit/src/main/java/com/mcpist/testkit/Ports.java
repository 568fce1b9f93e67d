package com.mcpist.testkit;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports of loopback. A server in a test binds port 0 where it can; this is for programs that must
 * be told their port.
 *
 * <p>Several JVMs run tests at once, and some seconds pass between the choice of a port and the
 * moment at which its program binds it. So a JVM locks one byte for each port that it has chosen,
 * in a file that all of them share. The lock ends with the JVM.
 */
public final class Ports {

  /** Below those that the kernel gives to clients, and those that a pair chooses for itself. */
  private static final int FIRST = 10_000;

  private static final int BEYOND = 20_000;

  private static final FileChannel CHOSEN = open();

  /** The locks. The JDK forgets a lock that nothing refers to. */
  private static final Set<FileLock> LOCKS = ConcurrentHashMap.newKeySet();

  private Ports() {}

  private static FileChannel open() {
    String name = "mcpist-test-ports-" + System.getProperty("user.name");
    try {
      return FileChannel.open(Path.of(System.getProperty("java.io.tmpdir"), name), CREATE, WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns a port on which nothing listened a moment ago. No other test gets the same one while
   * this JVM runs.
   */
  public static int free() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, BEYOND);
      if (choose(port)) {
        return port;
      }
    }
  }

  /**
   * Returns a free port whose successor is free too: an origin's on an SSH host, where a release is
   * tried on the next one.
   */
  public static int freeWithNext() {
    while (true) {
      int port = free();
      if (choose(port + 1)) {
        return port;
      }
    }
  }

  private static boolean choose(int port) {
    try {
      @Nullable FileLock lock = CHOSEN.tryLock(port, 1, false);
      if (lock == null) {
        return false; // Another JVM has chosen it.
      }
      LOCKS.add(lock);
      return isFree(port);
    } catch (OverlappingFileLockException _) {
      return false; // This JVM has chosen it before.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
