package com.mcpist.pair.process;

import module java.base;

import com.mcpist.pair.data.PairException;
import org.apache.commons.io.IOUtils;

/**
 * A socket on this machine's own address that listens as long as this object is open, and from
 * which programs accept that are started with it as their standard input. Between two such programs
 * connections wait in it; when there are two at once each connection goes to one of them.
 */
public record SharedSocket(ServerSocketChannel channel, int descriptor) implements AutoCloseable {
  /** How many connections may wait; the system may allow fewer. */
  private static final int BACKLOG = 1024;

  private static final int STANDARD_INPUT = 0;

  /** Listens; a PairException where the port is taken, or may not be had. */
  public static SharedSocket listen(int port) throws PairException {
    try {
      ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET);
      try {
        channel.bind(new InetSocketAddress(Inet4Address.ofLiteral("127.0.0.1"), port), BACKLOG);
        int descriptor = CLibrary.find((InetSocketAddress) channel.getLocalAddress());
        return new SharedSocket(channel, descriptor);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (BindException e) {
      throw new PairException(
          "port " + port + " is taken by another program: choose another with --port.", e);
    } catch (IOException e) {
      throw new PairException("cannot listen on port " + port + ": " + e.getMessage(), e);
    }
  }

  /**
   * Starts a program with this socket as its standard input. A child's standard input can only be
   * this process's own, so for as long as the start takes this one's is the socket. Whoever reads
   * meanwhile reads on: a read that has begun stays with the file that it began on.
   */
  public Process start(ProcessBuilder builder) throws IOException {
    builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
    synchronized (SharedSocket.class) { // Standard input belongs to the whole process.
      int own = CLibrary.dup(STANDARD_INPUT);
      try {
        CLibrary.dup2(descriptor, STANDARD_INPUT);
        return builder.start();
      } finally {
        if (own < 0) {
          CLibrary.close(STANDARD_INPUT); // It was closed before, too.
        } else {
          CLibrary.dup2(own, STANDARD_INPUT);
          CLibrary.close(own);
        }
      }
    }
  }

  /** On Linux also for its programs, so that who comes now is refused and waits for nobody. */
  @Override
  public void close() {
    if (!channel.isOpen()) {
      return; // Its number may be another file's by now.
    }
    CLibrary.shutDown(descriptor);
    IOUtils.closeQuietly(channel); // It ends with this process.
  }
}
