package com.mcpist.pair.supervisor;

import com.mcpist.pair.data.PairException;

/**
 * By which ports of this machine the programs of a pair reach each other. Something that passes
 * bytes on may stand between them: a drill puts there what it can break.
 */
public interface Links {
  /** Nothing between them. */
  Links DIRECT = new Links() {};

  /**
   * Where the edge reaches an origin.
   *
   * @param port where the origin will listen
   * @throws PairException where nothing can be put between them
   */
  default int toOrigin(String origin, int port) throws PairException {
    return port;
  }

  /**
   * Where an origin reaches the pair's own PostgreSQL. A database of DATABASE_URL is reached as
   * that says.
   *
   * @param port where PostgreSQL listens
   * @throws PairException where nothing can be put between them
   */
  default int toDatabase(String origin, int port) throws PairException {
    return port;
  }
}
