package com.mcpist.telemetry;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The file of a Unix socket whose process has ended, which would hinder the next process. */
public final class StaleSocket {
  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private StaleSocket() {}

  /**
   * Removes the file of a Unix socket if no process accepts connections there. A file of another
   * kind stays, and so does the socket of a process that runs.
   */
  public static void remove(Path socket) throws IOException {
    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return; // Whoever listens there next is told that the address is in use.
    } catch (IOException _) {
      // Nobody accepts there.
    }
    try {
      int mode = ((Number) Files.getAttribute(socket, "unix:mode")).intValue();
      if ((mode & TYPE) == SOCKET) {
        Files.delete(socket);
      }
    } catch (NoSuchFileException _) {
      // Nothing is in the way.
    }
  }
}
