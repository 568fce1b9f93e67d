package com.mcpist.pair;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Ports;
import com.mcpist.pair.process.SharedSocket;
import java.io.IOException;
import java.net.BindException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens for the edge: who comes while it is not there waits instead of being refused. */
final class EdgeSocket {
  private static final Logger LOG = LoggerFactory.getLogger(EdgeSocket.class);

  private EdgeSocket() {}

  /**
   * Listens.
   *
   * @return empty where the edge has to listen by itself
   */
  static Optional<SharedSocket> listen(int port) throws PairException {
    try {
      Optional<SharedSocket> socket = SharedSocket.listen(port);
      if (socket.isEmpty()) {
        LOG.warn("no socket can be handed to the edge: it refuses connections while it restarts");
        if (!Ports.isFree(port)) {
          throw new BindException();
        }
      }
      return socket;
    } catch (BindException e) {
      throw new PairException(
          "port " + port + " is taken by another program: choose another with --port.", e);
    } catch (IOException e) {
      throw new PairException("cannot listen on port " + port + ": " + e.getMessage(), e);
    }
  }
}
