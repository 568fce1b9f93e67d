package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.edgeclient.EdgeConfig.Guard;
import com.mcpist.pair.data.PairException;

/** The app is the folder of origin and edge; port 0: one that is free. */
public record PairOptions(
    Path app,
    Path data,
    int port,
    String release,
    Deployment deployment,
    Guard guard,
    Map<String, String> environment,
    Links links) {
  /**
   * By which ports of this machine the programs of a pair reach each other. Something that passes
   * bytes on may stand between them: a drill puts there what it can break. A PairException says
   * that nothing can be put there.
   */
  public interface Links {
    Links DIRECT = new Links() {};

    /** Where the edge reaches an origin that will listen on this port. */
    default int toOrigin(String origin, int port) throws PairException {
      return port;
    }

    /** Where an origin reaches the pair's own PostgreSQL on this port, not one of DATABASE_URL. */
    default int toDatabase(String origin, int port) throws PairException {
      return port;
    }
  }
}
